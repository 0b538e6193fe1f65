import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock, type ManualClock } from "../../../test/support/manual-clock.ts";
import { startSocket, type TestSocket } from "../../../test/support/socket-harness.ts";
import { waiting } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Log } from "../../core/log.ts";
import {
  DRAIN_MS_MAX,
  DRAIN_STEP_MS,
  IDLE_MS,
  OUTBOUND_BYTES_MAX,
  REVALIDATE_AFTER_MS,
  UNVALIDATED_MS_MAX,
  VISIT_INTERVAL_MS,
} from "../websocket/limits.ts";

const START_MS = 1_700_000_000_000;

/** Turns the clock step by step; in between, what sockets send each other arrives. */
async function pass(
  clock: ManualClock,
  ms: number,
  observer: TestSocket,
  stepMs = VISIT_INTERVAL_MS,
) {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    clock.advance(Math.min(stepMs, ms - passedMs));
    await observer.ask("ping");
    await observer.ask("ping");
  }
}

test("a socket whose peer answers pings lives, a silent one is closed after a minute", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const lively = await service.connect();
  const silent = await service.connect({ silent: true });
  const observer = await service.connect();
  let pings = 0;
  silent.ws.on("ping", () => {
    pings += 1;
  });
  await pass(clock, IDLE_MS - VISIT_INTERVAL_MS, observer);
  assert.equal(service.sockets.count, 3);
  assert.equal(pings, 2);
  await pass(clock, 2 * VISIT_INTERVAL_MS, observer);
  assert.equal((await silent.closed).code, 3002);
  await pass(clock, 2 * IDLE_MS, observer);
  assert.equal(service.sockets.count, 2);
  assert.equal((await lively.ask("try.echo", { id: 1 })).error, undefined);
});

test("a revoked session's sockets are closed within a second, nobody else's are", async () => {
  await using service = await startSocket();
  const [mine, other] = [service.signIn(), service.signIn()];
  const client = await service.connect({ cookie: mine.token });
  const deaf = await service.connect({ bearer: mine.token });
  deaf.ws.pause();
  const bystanders = [await service.connect({ cookie: other.token }), await service.connect()];
  const startedMs = performance.now();
  service.revoke(mine.person);
  assert.equal((await client.closed).code, 3001);
  await waitFor(() => service.sockets.count === 2, { what: "also the one that does not answer" });
  assert.ok(performance.now() - startedMs < 5_000);
  for (const bystander of bystanders) {
    assert.equal((await bystander.ask("try.echo", { id: 1 })).error, undefined);
  }
  assert.deepEqual(service.sockets.stats().closed, { session_ended: 2 });
});

test("one session's end leaves the person's other sessions alone", async () => {
  await using service = await startSocket();
  const { person, token } = service.signIn();
  const client = await service.connect({ cookie: token });
  service.revoke({ accountId: person.accountId, sessionId: "another" });
  assert.equal((await client.ask("try.whoami")).error, undefined);
  service.revoke({ accountId: person.accountId, sessionId: person.sessionId });
  assert.equal((await client.closed).code, 3001);
});

test("a session that ends while a subscription opens leaves nobody listening", async () => {
  const during = { snapshot: () => {} };
  await using service = await startSocket({ duringSnapshot: () => during.snapshot() });
  const { person, token } = service.signIn();
  during.snapshot = () => service.revoke(person);
  const client = await service.connect({ cookie: token });
  const { error } = await client.ask("board.watch", { board: "b" }, "e");
  assert.equal(error, "SUBSCRIPTION_LOST");
  assert.equal((await client.closed).code, 3001);
  assert.equal(service.harness.streams.topicCount, 0);
});

test("a session that ends in silence is noticed when it is looked up again", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const { person, token } = service.signIn();
  const client = await service.connect({ cookie: token });
  const observer = await service.connect();
  await pass(clock, REVALIDATE_AFTER_MS + VISIT_INTERVAL_MS, observer, 4 * VISIT_INTERVAL_MS);
  assert.equal(service.sockets.count, 2, "it is still good");
  service.revoke(person, false);
  assert.equal((await client.ask("try.whoami")).error, "UNAUTHENTICATED", "each call is checked");
  await pass(clock, REVALIDATE_AFTER_MS + VISIT_INTERVAL_MS, observer, 4 * VISIT_INTERVAL_MS);
  assert.equal((await client.closed).code, 3001);
});

test("a session that cannot be looked up for half an hour counts as ended", async () => {
  const clock = createManualClock(START_MS);
  let isAway = false;
  const beforeAuthenticate = async () => {
    if (isAway) throw new Error("the database is away");
  };
  await using service = await startSocket({ clock, beforeAuthenticate });
  const client = await service.connect({ cookie: service.signIn().token });
  const observer = await service.connect();
  isAway = true;
  await pass(clock, UNVALIDATED_MS_MAX - 2 * VISIT_INTERVAL_MS, observer, 4 * VISIT_INTERVAL_MS);
  assert.equal(service.sockets.count, 2);
  await pass(clock, 3 * VISIT_INTERVAL_MS, observer);
  assert.equal((await client.closed).code, 3001);
});

test("a drain tells sockets to reconnect, one after the other", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const clients = await Promise.all(Array.from({ length: 20 }, () => service.connect()));
  const drained = service.sockets.drain();
  assert.equal((await service.refused()).status, 503);
  for (const left of [15, 10, 5, 0]) {
    await waitFor(() => service.sockets.count === left, { what: `${left} sockets are left` });
    clock.advance(DRAIN_STEP_MS);
  }
  await drained;
  for (const { closed } of clients) assert.equal((await closed).code, 1012);
});

test("what runs is answered before its socket is drained", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const client = await service.connect();
  const started = waiting.started;
  client.send({ type: "try.wait", data: {}, eid: "e", ts: 1 });
  await waitFor(() => waiting.started > started, { what: "the request runs" });
  const drained = service.sockets.drain();
  assert.deepEqual((await client.ask("try.echo", { id: 1 })).data, { id: 1 });
  assert.equal(service.sockets.count, 1);
  waiting.finish();
  assert.equal((await client.closed).code, 1012);
  assert.deepEqual(client.frames.at(-1)?.data, { waited: true });
  await turn(clock, drained);
});

test("a request that never ends holds up a drain for a bounded time", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const client = await service.connect();
  const started = waiting.started;
  client.send({ type: "try.wait", data: {}, eid: "e", ts: 1 });
  await waitFor(() => waiting.started > started, { what: "the request runs" });
  await turn(clock, service.sockets.drain());
  assert.ok(clock.monotonicMs() <= DRAIN_MS_MAX + DRAIN_STEP_MS);
  service.sockets.close();
  assert.equal((await client.closed).code, 1006);
});

/** Turns the clock until the promise resolves. */
async function turn(clock: ManualClock, promise: Promise<void>): Promise<void> {
  let isDone = false;
  void promise.then(() => {
    isDone = true;
  });
  const step = () => {
    if (!isDone) clock.advance(DRAIN_STEP_MS);
    return isDone;
  };
  await waitFor(step, { what: "the drain ends" });
}

test("a reader that stalls is cut off at its bound, and all others get everything", async () => {
  await using service = await startSocket();
  const board = service.harness.ports.ids.uuid();
  const stalled = await service.connect();
  const readers = await Promise.all(Array.from({ length: 5 }, () => service.connect()));
  for (const client of [stalled, ...readers]) await client.ask("board.watch", { board }, "e");
  stalled.ws.pause();

  const note = "n".repeat(50_000);
  let posted = 0;
  const isCutOff = () => service.sockets.stats().closed["slow_reader"] === 1;
  // The kernel's buffers take several megabytes before the server's own begin to fill.
  while (!isCutOff()) {
    assert.ok(posted < 600, "the stalled reader is never cut off");
    await service.post(board, note, note, note, note);
    posted += 4;
  }
  assert.equal(service.sockets.count, readers.length);
  for (const reader of readers) {
    await waitFor(() => reader.pushes("e").length === posted, { what: "every push" });
    const offsets = reader.pushes("e").map(({ data }) => data["offset"]);
    assert.deepEqual(
      offsets,
      Array.from({ length: posted }, (_, at) => at + 1),
    );
  }
  stalled.ws.resume();
  const { code } = await stalled.closed;
  assert.ok(code === 3000 || code === 1006, `${code}`);
});

test("a burst of more than the bound does not cut off those who read", async () => {
  await using service = await startSocket();
  const board = service.harness.ports.ids.uuid();
  const client = await service.connect();
  await client.ask("board.watch", { board }, "e");
  const count = 60;
  await service.harness.work.write(async ({ events }) => {
    const note = "n".repeat(OUTBOUND_BYTES_MAX / 20);
    for (let at = 0; at < count; at += 1) events.emit(`board/${board}`, "board.posted", { note });
  });
  await waitFor(() => client.pushes("e").length === count, { what: "the whole burst" });
  assert.equal((await client.ask("try.echo", { id: 1 })).error, undefined);
});

test("who asks and does not read is cut off", async () => {
  await using service = await startSocket();
  const client = await service.connect();
  client.ws.pause();
  const note = "n".repeat(60_000);
  const isCutOff = () => service.sockets.stats().closed["slow_reader"] === 1;
  const askMore = () => {
    if (isCutOff()) return true;
    client.send({ type: "try.echo", data: { id: 1, note }, eid: "e", ts: 1 });
    return false;
  };
  await waitFor(askMore, { what: "the end of the server's patience", timeoutMs: 20_000 });
});

test("who connects and leaves is logged with address, person and origin, without secrets", async () => {
  const lines: string[] = [];
  const write = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  await using service = await startSocket({ log });
  const { person, token } = service.signIn();
  const origin = `http://127.0.0.1:${service.port}`;
  const client = await service.connect({ cookie: token, origin });
  client.ws.close();
  await waitFor(() => service.sockets.count === 0, { what: "the socket has ended" });
  const [opened = "", ended = ""] = lines;
  for (const text of [person.accountId, "127.0.0.1", origin]) assert.ok(opened.includes(text));
  for (const text of [person.accountId, "127.0.0.1", "peer"]) assert.ok(ended.includes(text));
  assert.ok(!lines.some((line) => line.includes(token)));
});
