import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type SocketHarness, startSocket } from "../../../test/support/socket-harness.ts";

let service: SocketHarness;
before(async () => {
  service = await startSocket();
});
after(() => service[Symbol.asyncDispose]());

/** A room with two people who listen. */
async function gather() {
  const room = service.harness.ports.ids.uuid();
  const enter = async () => {
    const { person, token } = service.signIn();
    const client = await service.connect({ cookie: token });
    const { data } = await client.ask("room.listen", { room }, "l");
    const heard = () =>
      client.frames.filter(({ eid, type }) => eid === "l" && type !== "room.listen");
    const hears = (type: string) => client.next(type, (frame) => frame.type === type);
    return { id: person.accountId, token, client, opened: data, heard, hears };
  };
  const [ada, ben] = [await enter(), await enter()];
  const say = (texts: Record<string, string>) => ada.client.ask("room.say", { room, texts });
  return { room, ada, ben, say };
}

test("everybody is pushed what an event encloses for him, and nothing of others", async () => {
  const { ada, ben, say } = await gather();
  await say({ [ada.id]: "for ada", [ben.id]: "for ben" });
  assert.equal((await ada.hears("room.said")).data["text"], "for ada");
  assert.equal((await ben.hears("room.said")).data["text"], "for ben");
  for (const [own, other] of [
    [ada, "for ben"],
    [ben, "for ada"],
  ] as const) {
    assert.ok(!own.client.received.some((text) => text.includes(other)));
  }
});

test("what was enclosed is not in the log, and is read again for those who come back", async () => {
  const { room, ada, ben, say } = await gather();
  const { epoch, offset } = ben.opened;
  await say({ [ada.id]: "for ada", [ben.id]: "for ben" });
  const events = await service.harness.work.snapshot((tx) =>
    service.harness.ports.eventLog.range(tx, `room/${room}`, 0, 10),
  );
  assert.ok(!JSON.stringify(events).includes("for "));
  const again = await service.connect({ cookie: ben.token });
  const { data } = await again.ask("room.listen", { room, epoch, offset });
  assert.equal(data["recovered"], true);
  const [missed] = data["missed"] as Array<{ data: Record<string, unknown> }>;
  assert.equal(missed?.data["text"], "for ben");
  assert.ok(!JSON.stringify(data).includes("for ada"));
});

test("a signal is told to those who listen, has no place in the stream, and is not recorded", async () => {
  const { room, ada, ben, say } = await gather();
  await ada.client.ask("room.wave", { room, note: "hello" });
  const { data } = await ben.hears("room.waved");
  assert.deepEqual(data, { account_id: ada.id, note: "hello" });
  await say({});
  assert.equal((await ben.hears("room.said")).data["offset"], 1);
});

test("a person's last event ends his subscription, and he does not come in again", async () => {
  const { room, ada, ben, say } = await gather();
  await ben.client.ask("room.leave", { room });
  await ben.hears("room.left");
  const isEnd = ({ error }: { error?: string }) => error === "SUBSCRIPTION_ENDED";
  await ben.client.next("the end", isEnd);
  await say({ [ada.id]: "without ben", [ben.id]: "to nobody" });
  await ada.hears("room.said");
  assert.equal((await ben.client.ask("room.listen", { room })).error, "NOT_INSIDE");
  assert.ok(!ben.client.received.some((text) => text.includes("to nobody")));
});
