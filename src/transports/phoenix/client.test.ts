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
    function enter(tokenOf = (token: string) => token) {
      const { person, token } = service.signIn();
      const params = () => ({ token: tokenOf(token) });
      const socket = dialOfficial(client, service, { params });
      return { id: person.accountId, person, socket };
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

    test("is refused a foreign room and an unknown topic, with what it is told to look for", async () => {
      const { socket } = enter();
      using _open = socket;
      const reasons = [];
      for (const topic of ["nothing:1", "room:", "lobby:elsewhere"]) {
        const channel = socket.channel(topic);
        const { status, response } = await answered(channel.join());
        assert.equal(status, "error");
        reasons.push(response["reason"]);
        channel.leave();
      }
      assert.deepEqual(reasons, ["unmatched topic", "INVALID_INPUT", "unmatched topic"]);
    });

    test("joins again after a crash, and not after the channel was closed for good", async () => {
      const { socket } = enter();
      using _open = socket;
      const channel = socket.channel(`room:${service.harness.ports.ids.uuid()}`);
      let [joins, errors, closings] = [0, 0, 0];
      channel.onError(() => {
        errors += 1;
      });
      channel.onClose(() => {
        closings += 1;
      });
      channel.join().receive("ok", () => {
        joins += 1;
      });
      await waitFor(() => joins === 1, { what: "it has joined" });
      const crashed = await answered(channel.push("fail", {}));
      assert.equal(crashed.response["reason"], "INTERNAL");
      await waitFor(() => joins === 2, { what: "it has joined again" });
      assert.equal(errors, 1);
      assert.equal((await answered(channel.push("wave", { note: "hello" }))).status, "ok");
      assert.equal((await answered(channel.push("leave", {}))).status, "ok");
      await waitFor(() => closings === 1, { what: "it was closed" });
      assert.equal(channel.state, "closed");
      assert.deepEqual([joins, errors], [2, 1]);
    });

    test("comes back after its connection was cut, with new parameters, and is told what it missed", async () => {
      let isAway = false;
      const { id, socket } = enter((token) => (isAway ? "none" : token));
      using _open = socket;
      const other = enter();
      using _other = other.socket;
      const topic = `room:${service.harness.ports.ids.uuid()}`;
      let place: unknown;
      const missed: unknown[] = [];
      const channel = socket.channel(topic, () => (place === undefined ? {} : { place }));
      channel.join().receive("ok", (reply: { place: unknown; events?: unknown[] }) => {
        place = reply.place;
        missed.push(...(reply.events ?? []));
      });
      const theirs = other.socket.channel(topic);
      await answered(theirs.join());
      await waitFor(() => place !== undefined, { what: "it has joined" });
      isAway = true;
      socket.conn?.close();
      await waitFor(() => !socket.isConnected(), { what: "it is cut off" });
      assert.equal(
        (await answered(theirs.push("say", { texts: { [id]: "missed" } }))).status,
        "ok",
      );
      isAway = false;
      await waitFor(() => missed.length === 1, { what: "it was told what it missed" });
      assert.partialDeepStrictEqual(missed, [{ event: "said", payload: { text: "missed" } }]);
    });

    test("gives its token as authToken, speaks version 1, and sends and gets bytes", async () => {
      const { token } = service.signIn();
      using byToken = dialOfficial(client, service, { authToken: token });
      const topic = `room:${service.harness.ports.ids.uuid()}`;
      const channel = byToken.channel(topic);
      const drawn: ArrayBuffer[] = [];
      channel.on("drawn", (bytes: ArrayBuffer) => drawn.push(bytes));
      assert.equal((await answered(channel.join())).status, "ok");
      const bytes = Uint8Array.from([0, 1, 254, 255]).buffer;
      const { status, response } = await answered(channel.push("draw", bytes));
      assert.equal(status, "ok");
      for (const back of [response as unknown as ArrayBuffer, drawn[0]]) {
        assert.deepEqual(new Uint8Array(back ?? new ArrayBuffer(0)), new Uint8Array(bytes));
      }

      using inObjects = dialOfficial(client, service, {
        params: { token },
        vsn: "1.0.0",
        encode: (message, done) => done(JSON.stringify(message)),
        decode: (text, done) => done(JSON.parse(text)),
      });
      const old = inObjects.channel(topic);
      assert.equal((await answered(old.join())).status, "ok");
      assert.equal((await answered(old.push("wave", { note: "hello" }))).status, "ok");
    });

    test("signed out, it stays out: channels closed, and every further upgrade refused", async () => {
      const { person, socket } = enter();
      using _open = socket;
      const channel = socket.channel("lobby:all");
      assert.equal((await answered(channel.join())).status, "ok");
      let [closings, failures] = [0, 0];
      channel.onClose(() => {
        closings += 1;
      });
      socket.onError(() => {
        failures += 1;
      });
      service.revoke(person);
      await waitFor(() => closings === 1 && failures >= 2, { what: "it tries in vain" });
      assert.equal(channel.state, "closed");
      assert.equal(socket.isConnected(), false);
    });
  });
}
