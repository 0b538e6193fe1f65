import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dialRaw } from "../../../test/support/phoenix-client.ts";
import { type SocketHarness, startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { BAD_FRAMES_MAX } from "../websocket/limits.ts";
import { CHANNELS_MAX, FRAME_BYTES_MAX } from "./limits.ts";

let service: SocketHarness;
before(async () => {
  service = await startSocket();
});
after(() => service[Symbol.asyncDispose]());

/** A fresh room, and somebody connected who knows nothing but frames. */
async function enter(query?: string) {
  const { person, token } = service.signIn();
  const client = await dialRaw(service, token, query === undefined ? {} : { query });
  return { client, id: person.accountId, token, topic: `room:${service.harness.ports.ids.uuid()}` };
}

const last = (texts: readonly string[], count = 1) => texts.slice(-count);

test("a heartbeat is answered, byte by byte as Phoenix answers", async () => {
  const { client } = await enter();
  await client.ask(null, "9", "phoenix", "heartbeat", {});
  assert.deepEqual(last(client.texts), [
    '[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]',
  ]);
  const [, , , , other] = await client.ask(null, "10", "phoenix", "other", {});
  assert.deepEqual(other, { status: "error", response: { reason: "unmatched topic" } });
});

test("a join is answered with the subscription's state and its place", async () => {
  const { client, topic } = await enter();
  const [joinRef, ref, told, event, payload] = await client.join(topic, {}, "3");
  assert.deepEqual([joinRef, ref, told, event], ["3", "3", topic, "phx_reply"]);
  const { status, response } = payload as { status: string; response: { place: object } };
  assert.equal(status, "ok");
  assert.partialDeepStrictEqual(response, { said: 0, recovered: false, place: { offset: 0 } });
});

test("an unknown topic, and one that is not joined, is unmatched", async () => {
  const { client, topic } = await enter();
  const unmatched = { status: "error", response: { reason: "unmatched topic" } };
  for (const unknown of ["nothing", "nothing:at-all", "room", "rooms:1", "lobby:other", ":"]) {
    assert.deepEqual(await client.ask("1", "1", unknown, "phx_join", {}), [
      null,
      "1",
      unknown,
      "phx_reply",
      unmatched,
    ]);
  }
  const told = await client.ask("1", "2", topic, "wave", { note: "hello" });
  assert.deepEqual(told, [null, "2", topic, "phx_reply", unmatched]);
});

test("leaving is answered ok and then closed, and what is not joined can be left", async () => {
  const { client, topic } = await enter();
  const before = service.harness.streams.topicCount;
  await client.join(topic, {}, "3");
  await client.ask("3", "4", topic, "phx_leave", {});
  await client.next("phx_close");
  assert.deepEqual(last(client.texts, 2), [
    `["3","4","${topic}","phx_reply",{"status":"ok","response":{}}]`,
    `["3","3","${topic}","phx_close",{}]`,
  ]);
  await client.ask("3", "5", topic, "phx_leave", {});
  assert.equal(last(client.texts)[0]?.includes('"status":"ok"'), true);
  assert.equal(service.harness.streams.topicCount, before, "nobody listens");
});

test("the 101st channel is refused, and has a place when another is left", async () => {
  const { client, topic } = await enter();
  const at = (channel: number) => `${topic}-${channel}`;
  for (let channel = 0; channel < CHANNELS_MAX; channel += 1) {
    const [, , , , { status }] = await client.join(at(channel), {}, `j${channel}`);
    assert.equal(status, "ok");
  }
  const [joinRef, , , , refused] = await client.join(at(CHANNELS_MAX), {}, "more");
  assert.equal(joinRef, "more");
  assert.deepEqual(refused, {
    status: "error",
    response: { reason: "too many channels joined" },
  });
  assert.equal((await client.join(at(0), {}, "again"))[4]["status"], "ok", "one it has");
  await client.ask("j1", "left", at(1), "phx_leave", {});
  assert.equal((await client.join(at(CHANNELS_MAX)))[4]["status"], "ok");
  client.ws.terminate();
});

test("a stale join_ref is ignored, none at all is accepted", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  const before = client.frames.length;
  client.send(["2", "7", topic, "wave", { note: "stale" }]);
  client.send(["2", "8", topic, "phx_leave", {}]);
  const [, , , , { status }] = await client.ask(null, "9", topic, "wave", { note: "none" });
  assert.equal(status, "ok");
  await client.next("waved");
  const refs = client.frames.slice(before).map(([, ref]) => ref);
  assert.deepEqual(refs.toSorted(), ["9", null]);
});

test("joined twice: the new join is answered first, then the old one is closed", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  await client.join(topic, {}, "5");
  const [joinRef] = await client.next("phx_close");
  assert.equal(joinRef, "3");
  const kinds = client.frames.map(([own, , , event]) => [own, event]);
  assert.deepEqual(kinds, [
    ["3", "phx_reply"],
    ["5", "phx_reply"],
    ["3", "phx_close"],
  ]);
  await client.ask("5", "6", topic, "wave", { note: "hello" });
  await client.next("waved");
  const heard = client.frames.filter(([, , , event]) => event === "waved");
  assert.equal(heard.length, 1, "once, by the new one");
});

test("two joins at once leave one member, who hears everything once", async () => {
  const { client, topic } = await enter();
  for (const ref of ["3", "5"]) client.send([ref, ref, topic, "phx_join", {}]);
  const joined = () =>
    client.frames.some(([own, , , event]) => own === "5" && event === "phx_reply");
  await waitFor(joined, { what: "the second is answered" });
  assert.equal((await client.next("phx_close"))[0], "3");
  await client.ask("5", "6", topic, "wave", { note: "hello" });
  await client.next("waved");
  assert.equal(client.frames.filter(([, , , event]) => event === "waved").length, 1);
  assert.equal(service.sockets.stats("phoenix").subscriptions >= 1, true);
});

test("what is told to all is one frame for all, without a join_ref", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  await client.ask("3", "4", topic, "wave", { note: "hello" });
  const waved = await client.next("waved");
  assert.deepEqual(waved.slice(0, 4), [null, null, topic, "waved"]);
});

test("messages of a channel are handled in order, also those that come while it is joined", async () => {
  const { client, topic } = await enter();
  client.send(["3", "3", topic, "phx_join", {}]);
  for (let at = 0; at < 20; at += 1) client.send(["3", `${at}`, topic, "say", { texts: {} }]);
  client.send(["3", "left", topic, "phx_leave", {}]);
  await client.next("phx_close");
  const replies = client.frames.filter(([, , , event]) => event === "phx_reply");
  const refs = replies.map(([, ref]) => ref);
  assert.deepEqual(refs, ["3", ...Array.from({ length: 20 }, (_, at) => `${at}`), "left"]);
});

test("an INTERNAL failure is a crash: phx_error, and the client joins again", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  const [, , , , { status, response }] = await client.ask("3", "4", topic, "fail", {});
  assert.equal(status, "error");
  assert.partialDeepStrictEqual(response, { reason: "INTERNAL", code: "INTERNAL" });
  const [joinRef, ref] = await client.next("phx_error");
  assert.deepEqual([joinRef, ref], ["3", "3"]);
  const after = await client.ask("3", "5", topic, "wave", { note: "hello" });
  assert.deepEqual(after[4]["response"], { reason: "unmatched topic" });
  assert.equal((await client.join(topic))[4]["status"], "ok");
});

test("what an operation refuses is an error reply with its code as the reason", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  for (const [event, payload, reason] of [
    ["nothing", {}, "METHOD_NOT_FOUND"],
    ["toString", {}, "METHOD_NOT_FOUND"],
    ["wave", {}, "INVALID_INPUT"],
    ["wave", { note: "hello", more: 1 }, "INVALID_INPUT"],
  ] as const) {
    const [, , , , answer] = await client.ask("3", event, topic, event, payload);
    assert.equal(answer["status"], "error");
    const { reason: told, code, message, requestId } = answer["response"] as Record<string, string>;
    assert.deepEqual([told, code], [reason, reason]);
    assert.ok(message !== undefined && requestId !== undefined);
  }
  const [, , , , refused] = await client.join(`${topic}-2`, { more: 1 });
  assert.partialDeepStrictEqual(refused, { response: { reason: "INVALID_INPUT" } });
});

test("the topic's field is the topic's, whatever a payload says", async () => {
  const { client, topic } = await enter();
  const other = `${topic}-other`;
  await client.join(topic, { room: other.slice(5) }, "3");
  await client.join(other, {}, "4");
  await client.ask("3", "5", topic, "wave", { room: other.slice(5), note: "hello" });
  assert.equal((await client.next("waved"))[2], topic);
});

test("a person's last event closes the channel, and joining again is refused", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  await client.ask("3", "4", topic, "leave", {});
  await client.next("phx_close");
  const events = client.frames.map(([, , , event]) => event).slice(1);
  assert.deepEqual(events, ["left", "phx_reply", "phx_close"]);
  const [, , , , answer] = await client.join(topic);
  assert.partialDeepStrictEqual(answer, { status: "error", response: { reason: "NOT_INSIDE" } });
});

test("a member for whom pushes are missing gets phx_error, and joins anew", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  // Two events that the bus has lost, of which the log has forgotten the first.
  const { work, streams, ports } = service.harness;
  const said = { topic: topic.replace(":", "/"), type: "room.said", data: { id: "said" } };
  await work.write(async ({ tx }) => {
    await ports.eventLog.append(tx, [said], 1);
    await ports.eventLog.append(tx, [said], ports.clock.nowMs());
    await ports.eventLog.trim(tx, 2, 1);
  });
  await streams.check();
  const [joinRef, , , , payload] = await client.next("phx_error");
  assert.equal(joinRef, "3");
  assert.equal(payload["reason"], "SUBSCRIPTION_LOST");
  assert.equal((await client.join(topic))[4]["status"], "ok");
});

test("who joins with a place is told what was missed, for him alone", async () => {
  const { client, topic, id, token } = await enter();
  const [, , , , joined] = await client.join(topic, {}, "3");
  const { place } = joined["response"] as { place: object };
  const other = await enter();
  await other.client.join(topic, {}, "3");
  await client.ask("3", "4", topic, "phx_leave", {});
  const texts = { [id]: "for me", [other.id]: "for the other" };
  await other.client.ask("3", "5", topic, "say", { texts });
  const again = await dialRaw(service, token);
  const [, , , , answer] = await again.join(topic, { place }, "3");
  const { recovered, events } = answer["response"] as { recovered: boolean; events: object[] };
  assert.equal(recovered, true);
  assert.partialDeepStrictEqual(events, [
    { event: "said", payload: { offset: 1, text: "for me" } },
  ]);
  assert.ok(!JSON.stringify(answer).includes("for the other"));
  const [, , , , bad] = await again.join(topic, { place: { offset: -1 } });
  assert.partialDeepStrictEqual(bad, { response: { reason: "INVALID_INPUT" } });
});

test("a request without a reference is done and not answered; numbers are echoed as they came", async () => {
  const { client, topic } = await enter();
  client.send([3, 3, topic, "phx_join", {}]);
  await client.next("phx_reply");
  assert.deepEqual(client.frames[0]?.slice(0, 2), [3, 3]);
  client.send([3, null, topic, "wave", { note: "hello" }]);
  await client.next("waved");
  assert.equal(client.frames.length, 2);
});

test("version 1 is spoken in objects", async () => {
  for (const query of ["", "&vsn=1.0.0"]) {
    const { client, topic } = await enter(query);
    const replies = client.texts;
    client.send({ topic: "phoenix", event: "heartbeat", payload: {}, ref: "1" });
    await waitFor(() => replies.length === 1, { what: "the heartbeat's reply" });
    assert.equal(
      replies[0],
      '{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}',
    );
    client.send({ topic, event: "phx_join", payload: {}, ref: "2" });
    client.send({ topic, event: "wave", payload: { note: "hello" }, ref: "3" });
    await waitFor(() => replies.length === 4, { what: "join, wave and the push" });
    const told = replies.map((text) => JSON.parse(text));
    assert.partialDeepStrictEqual(told[1], { topic, event: "phx_reply", ref: "2" });
    const waved = told.find(({ event }) => event === "waved");
    assert.deepEqual(Object.keys(waved), ["topic", "event", "payload", "ref"]);
    assert.equal(waved.ref, null);
    client.ws.send(Buffer.from([0, 0, 0, 0, 0]));
    await waitFor(() => replies.length === 5, { what: "there are no binary frames" });
    assert.ok(replies[4]?.includes("MALFORMED"));
  }
});

test("bytes go in, come back in the reply, and are told as bytes", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  const bytes = Buffer.from([0, 255, 1, 128]);
  const names = ["3", "ünï", topic, "draw"].map((name) => Buffer.from(name));
  const lengths = Buffer.from([0, ...names.map(({ length }) => length)]);
  client.ws.send(Buffer.concat([lengths, ...names, bytes]));
  await waitFor(() => client.binaries.length === 2, { what: "a reply and a push" });
  const kinds = client.binaries.toSorted((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  const ok = Buffer.from("ok");
  const [joinRef, ref, room] = names;
  const head = [1, 1, names[1]?.length ?? 0, topic.length, 2];
  assert.deepEqual(
    kinds[0],
    Buffer.concat([Buffer.from(head), joinRef, ref, room, ok, bytes].map((part) => part ?? ok)),
  );
  const told = [Buffer.from([2, topic.length, 5]), Buffer.from(`${topic}drawn`), bytes];
  assert.deepEqual(kinds[1], Buffer.concat(told));
  client.ws.send(
    Buffer.concat([Buffer.from([0, 1, 1, topic.length, 4]), Buffer.from(`39${topic}wave`), bytes]),
  );
  const [, , , , refused] = await client.next("phx_reply", 1);
  assert.partialDeepStrictEqual(refused, { response: { reason: "INVALID_INPUT" } });
});

test("what is no frame is answered, and the hundredth closes the socket", async () => {
  const { client, topic } = await enter();
  const bad = [
    "",
    "null",
    "{}",
    "[]",
    '[null,"1","phoenix","heartbeat"]',
    '[null,"1","phoenix","heartbeat",{},1]',
    `[null,"1",${JSON.stringify("t".repeat(256))},"heartbeat",{}]`,
    '[null,"1","","phx_join",{}]',
    '[null,"1","phoenix",1,{}]',
    '[null,{},"phoenix","heartbeat",{}]',
    '[null,1.5,"phoenix","heartbeat",{}]',
    '[null,"1","phoenix","heartbeat",[]]',
    '[null,"1","phoenix","heartbeat","text"]',
    '[null,"1","phoenix","heartbeat",{"a":1,"a":2}]',
    '[null,"1","phoenix","heartbeat",{"__proto__":1}]',
    Buffer.from([]),
    Buffer.from([0]),
    Buffer.from([1, 0, 0, 0, 0]),
    Buffer.from([0, 255, 0, 0, 0, 1]),
    Buffer.from([0, 1, 1, 1, 1, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 0, 0]),
  ];
  for (const [at, frame] of bad.entries()) {
    client.ws.send(frame);
    await waitFor(() => client.frames.length === at + 1, { what: `an answer to ${frame}` });
    const [, , , event, payload] = client.frames[at] ?? [];
    assert.equal(event, "phx_reply");
    assert.partialDeepStrictEqual(payload, { response: { reason: "MALFORMED" } });
  }
  assert.equal((await client.join(topic))[4]["status"], "ok", "nothing else came of it");
  for (let sent = bad.length; sent < BAD_FRAMES_MAX; sent += 1) client.send("no");
  assert.equal((await client.closed).code, 3500);
});

test("a frame above 1 MiB closes the socket, one below is taken", async () => {
  const { client, topic } = await enter();
  await client.join(topic, {}, "3");
  const room = FRAME_BYTES_MAX - 1_000;
  const bytes = Buffer.alloc((room * 3) / 4 - 1_000, 7).toString("base64");
  const [, , , , { status }] = await client.ask("3", "4", topic, "draw", { bytes });
  assert.equal(status, "ok");
  client.send(`["3","5","${topic}","wave",{"note":"${"n".repeat(FRAME_BYTES_MAX)}"}]`);
  assert.equal((await client.closed).code, 1009);
});
