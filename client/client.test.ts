import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeWorld, type FakeWorld, type SentFrame } from "../test/support/fake-service.ts";
import type { CallError } from "./call-error.ts";
import { type Client, connect } from "./client.ts";

function start(): { world: FakeWorld; client: Client; statuses: string[] } {
  const world = createFakeWorld();
  const client = connect({ url: "ws://service/socket", ...world.environment });
  const statuses: string[] = [];
  client.onStatus((status, why) => {
    statuses.push(why === undefined ? status : `${status} ${why.code}`);
  });
  return { world, client, statuses };
}

function only(frames: readonly SentFrame[]): SentFrame {
  assert.equal(frames.length, 1);
  return frames[0] as SentFrame;
}

/** Resolves with the error that the call ends with. */
const failure = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("the call succeeded"),
    (error: CallError) => error,
  );

test("a call is a frame as document 001 shows it, and its answer is what the call resolves to", async () => {
  const { world, client } = start();
  world.socket.open();
  const call = client.call("cinema.getOne", { id: 1 });
  const sent = only(world.socket.sent);
  assert.deepEqual(Object.keys(sent), ["type", "data", "eid", "ts"]);
  assert.deepEqual(
    [sent.type, sent.data, sent.ts],
    ["cinema.getOne", { id: 1 }, 1_700_000_000_000],
  );
  assert.match(sent.eid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  world.socket.answer(sent, { id: 1, name: "Lux" });
  assert.deepEqual(await call, { id: 1, name: "Lux" });
});

test("an error has the service's code, sentence, data and request id", async () => {
  const { world, client } = start();
  world.socket.open();
  const call = failure(client.call("cinema.list", {}));
  const data = { message: "Busy.", seatIds: ["A1"], retryAfterMs: 250, requestId: "r" };
  world.socket.answer(only(world.socket.sent), data, "UNAVAILABLE");
  const error = await call;
  assert.deepEqual(
    [error.code, error.message, error.data, error.retryAfterMs, error.requestId],
    ["UNAVAILABLE", "Busy.", { seatIds: ["A1"] }, 250, "r"],
  );
});

test("calls wait for the connection, and go out in the order they were made", () => {
  const { world, client } = start();
  void client.call("cinema.getOne", { id: 1 });
  void client.call("cinema.getOne", { id: 2 });
  assert.deepEqual(world.socket.sent, []);
  world.socket.open();
  assert.deepEqual(
    world.socket.sent.map(({ data }) => data["id"]),
    [1, 2],
  );
});

test("what was not answered before the connection was lost is sent again, unchanged", async () => {
  const { world, client } = start();
  const [first] = world.sockets;
  world.socket.open();
  const answered = client.call("cinema.getOne", { id: 1 });
  const lost = client.call("cinema.getOne", { id: 2 });
  const [one, two] = world.socket.sent as [SentFrame, SentFrame];
  world.socket.answer(one, { id: 1 });
  await answered;
  world.socket.end();
  world.clock.advance(1_000);
  world.socket.open();
  assert.deepEqual(world.socket.texts, [first?.texts[1]]);
  world.socket.answer(two, { id: 2 });
  assert.deepEqual(await lost, { id: 2 });
});

test("a call gives up after its time, whatever the connection does", async () => {
  const { world, client } = start();
  const call = failure(client.call("cinema.list", {}, { timeoutMs: 3_000 }));
  world.clock.advance(3_000);
  assert.equal((await call).code, "TIMEOUT");
  world.socket.open();
  world.clock.advance(20_000);
  assert.deepEqual(world.socket.sent, []);
});

test("an aborted call rejects with the signal's reason, and a late answer is nobody's", async () => {
  const { world, client } = start();
  world.socket.open();
  const controller = new AbortController();
  const call = failure(client.call("cinema.list", {}, { signal: controller.signal }));
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assert.equal(await call, reason);
  world.socket.answer(only(world.socket.sent), {});
  assert.equal(
    await failure(client.call("cinema.list", {}, { signal: controller.signal })),
    reason,
  );
});

test("a frame the service would not take is not sent, since it would end the socket", async () => {
  const { world, client } = start();
  world.socket.open();
  const seatIds = Array.from({ length: 5 }, () => "ж".repeat(8_000));
  const error = await failure(client.call("cinema.hold", { screeningId: "s", seatIds }));
  assert.equal(error.code, "TOO_LARGE");
  assert.deepEqual(world.socket.sent, []);
});

test("no more calls run at once than the service takes; the next follows an answer", () => {
  const { world, client } = start();
  world.socket.open();
  for (let at = 0; at < 60; at += 1) void client.call("cinema.getOne", { id: at + 1 });
  assert.equal(world.socket.sent.length, 48);
  world.socket.answer(world.socket.sent[0] as SentFrame, {});
  assert.equal(world.socket.sent.at(-1)?.data["id"], 49);
});

test("it comes back after ever longer pauses, and quickly once it was answered", () => {
  const { world, client, statuses } = start();
  assert.equal(client.status, "connecting");
  const pauses: number[] = [];
  for (let failures = 0; failures < 8; failures += 1) {
    const count = world.sockets.length;
    const startMs = world.clock.monotonicMs();
    world.socket.end();
    while (world.sockets.length === count) world.clock.advance(0.5);
    pauses.push(world.clock.monotonicMs() - startMs);
  }
  assert.deepEqual(pauses, [187.5, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]);
  world.socket.open();
  assert.equal(client.status, "open");
  void client.call("cinema.list", {});
  world.socket.answer(only(world.socket.sent), {});
  world.socket.end({ code: 1012, reason: "restart" });
  const count = world.sockets.length;
  world.clock.advance(187.5);
  assert.equal(world.sockets.length, count + 1);
  assert.deepEqual(statuses, ["open", "connecting 1012"]);
});

test("a connection that does not open in time is given up", () => {
  const { world } = start();
  world.clock.advance(10_000);
  assert.equal(world.sockets[0]?.isClosed, true);
  world.clock.advance(1_000);
  assert.equal(world.sockets.length, 2);
});

test("close codes from 3500 to 3999 end it for good, those below do not", async () => {
  for (const code of [1000, 1001, 1006, 1012, 3000, 3499]) {
    const { world } = start();
    world.socket.open();
    world.socket.end({ code });
    world.clock.advance(1_000);
    assert.equal(world.sockets.length, 2, `${code}`);
  }
  for (const code of [3500, 3999]) {
    const { world, client, statuses } = start();
    world.socket.open();
    const call = failure(client.call("cinema.list", {}));
    world.socket.end({ code });
    assert.equal((await call).code, "CLOSED");
    world.clock.advance(60_000);
    assert.equal(world.sockets.length, 1, `${code}`);
    assert.deepEqual(statuses, ["open", `closed ${code}`]);
    assert.equal((await failure(client.call("cinema.list", {}))).code, "CLOSED");
    client.reconnect();
    assert.equal(world.sockets.length, 2, "unless the application asks for it");
  }
});

test("a silent service is asked for a sign of life, and given up when it gives none", () => {
  const { world } = start();
  world.socket.open();
  world.clock.advance(25_000);
  const ping = only(world.socket.sent);
  assert.equal(ping.type, "ping");
  world.socket.answer(ping, {});
  world.clock.advance(25_000);
  assert.equal(world.socket.sent.length, 2);
  world.clock.advance(10_000);
  assert.equal(world.sockets[0]?.isClosed, true);
  world.clock.advance(1_000);
  assert.equal(world.sockets.length, 2);
  world.sockets[0]?.end();
  world.sockets[0]?.open();
  world.clock.advance(1_000);
  assert.equal(world.sockets.length, 2, "what a given-up socket says is not heard");
});

test("on waking up it looks at once whether the service is there", () => {
  const { world } = start();
  world.socket.open();
  world.wake();
  assert.equal(only(world.socket.sent).type, "ping");
  world.clock.advance(3_000);
  assert.equal(world.sockets[0]?.isClosed, true);
  assert.equal(world.sockets.length, 1);
  world.wake();
  assert.equal(world.sockets.length, 2, "without waiting for the pause to end");
});

test("closing ends everything: calls, timers and listeners", async () => {
  const { world, client, statuses } = start();
  world.socket.open();
  const call = failure(client.call("cinema.list", {}));
  client.close();
  assert.equal((await call).code, "CLOSED");
  assert.equal(world.socket.isClosed, true);
  assert.equal(world.clock.pending(), 0);
  world.wake();
  client.reconnect();
  assert.equal(world.sockets.length, 1);
  assert.deepEqual(statuses, ["open", "closed"]);
});
