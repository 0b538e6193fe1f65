import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { answered, CLIENTS, dialOfficial } from "../../../test/support/phoenix-client.ts";
import { type SocketHarness, startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";

let service: SocketHarness;
before(async () => {
  service = await startSocket();
});
after(() => service[Symbol.asyncDispose]());

for (const client of CLIENTS) {
  describe(`the official client ${client.version}`, () => {
    /** Somebody who is signed in, connected by the client as it is. */
    function enter(params?: object | (() => object)) {
      const { person, token } = service.signIn();
      const socket = dialOfficial(client, service, { params: params ?? { token } });
      return { id: person.accountId, person, token, socket };
    }

    test("joins, asks, hears what is told and what is for him alone, and leaves", async () => {
      const [ada, ben] = [enter(), enter()];
      using _one = ada.socket;
      using _two = ben.socket;
      const room = service.harness.ports.ids.uuid();
      const [ours, theirs] = [ada, ben].map(({ socket }) => socket.channel(`room:${room}`));
      assert.ok(ours && theirs);
      const heard: Record<string, unknown>[] = [];
      for (const event of ["said", "waved"]) {
        theirs.on(event, (payload: object) => heard.push({ event, ...payload }));
      }
      const joined = await answered(ours.join());
      assert.deepEqual(Object.keys(joined.response), ["said", "place", "recovered"]);
      assert.equal((await answered(theirs.join())).status, "ok");

      const said = await answered(ours.push("say", { texts: { [ben.id]: "for ben" } }));
      assert.equal(said.status, "ok");
      await answered(ours.push("wave", { note: "hello" }));
      await waitFor(() => heard.length === 2, { what: "both were told" });
      const { id } = said.response;
      assert.deepEqual(heard[0], { event: "said", offset: 1, id, text: "for ben" });
      assert.deepEqual(heard[1], { event: "waved", account_id: ada.id, note: "hello" });

      assert.equal((await answered(theirs.leave())).status, "ok");
      await answered(ours.push("wave", { note: "again" }));
      assert.equal(heard.length, 2);
    });
  });
}
