import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock, type ManualClock } from "../../../test/support/manual-clock.ts";
import { dialRaw, type RawClient, ROOM_SOCKET } from "../../../test/support/phoenix-client.ts";
import { startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { FRAME_BUDGET, IDLE_MS, VISIT_INTERVAL_MS } from "../websocket/limits.ts";

const START_MS = 1_700_000_000_000;

/** Turns the clock step by step, with a heartbeat of each of these in between. */
async function pass(clock: ManualClock, ms: number, lively: readonly RawClient[]) {
  for (let passedMs = 0; passedMs < ms; passedMs += VISIT_INTERVAL_MS) {
    clock.advance(VISIT_INTERVAL_MS);
    for (const client of lively) {
      await client.ask(null, `beat ${clock.nowMs()}`, "phoenix", "heartbeat", {});
    }
  }
}

test("a client that sends heartbeats lives, a quiet one is closed after a minute", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const { token } = service.signIn();
  const [lively, quiet] = [await dialRaw(service, token), await dialRaw(service, token)];
  await pass(clock, IDLE_MS - VISIT_INTERVAL_MS, [lively]);
  assert.equal(service.sockets.count, 2);
  await pass(clock, 2 * VISIT_INTERVAL_MS, [lively]);
  assert.equal((await quiet.closed).code, 3002);
  await pass(clock, IDLE_MS, [lively]);
  assert.equal(service.sockets.count, 1);
});

test("an ended session: phx_close on every channel, the close, and the next upgrade is refused", async () => {
  await using service = await startSocket();
  const [mine, other] = [service.signIn(), service.signIn()];
  const client = await dialRaw(service, mine.token);
  const bystander = await dialRaw(service, other.token);
  for (const ref of ["3", "5"]) await client.join(`room:${ref}`, {}, ref);
  await bystander.join("room:3", {}, "7");
  service.revoke(mine.person);
  assert.equal((await client.closed).code, 1001);
  const ends = client.frames.filter(([, , , event]) => event === "phx_close");
  assert.deepEqual(
    ends.map(([joinRef, , topic]) => [joinRef, topic]),
    [
      ["3", "room:3"],
      ["5", "room:5"],
    ],
  );
  const path = `${ROOM_SOCKET}?token=${mine.token}&vsn=2.0.0`;
  assert.equal((await service.refused({ path })).status, 403);
  await bystander.ask("7", "8", "room:3", "wave", { note: "hello" });
  assert.deepEqual(service.sockets.stats("phoenix").closed, { session_ended: 1 });
});

test("a token that ends in silence closes the socket with the next request", async () => {
  await using service = await startSocket();
  const { person, token } = service.signIn();
  const client = await dialRaw(service, token);
  await client.join("room:1", {}, "3");
  service.revoke(person, false);
  const [, , , , refused] = await client.ask("3", "4", "room:1", "wave", { note: "hello" });
  assert.partialDeepStrictEqual(refused, { response: { reason: "UNAUTHENTICATED" } });
  assert.equal((await client.closed).code, 1001);
  const events = client.frames.map(([, , , event]) => event);
  assert.ok(!events.includes("phx_close"), "with another token the client joins again");
});

test("channels end with their transport", async () => {
  await using service = await startSocket();
  const { token } = service.signIn();
  const client = await dialRaw(service, token);
  for (const ref of ["3", "5"]) await client.join(`room:${ref}`, {}, ref);
  await client.join("lobby:all");
  assert.equal(service.harness.streams.topicCount, 3);
  client.ws.terminate();
  await waitFor(() => service.harness.streams.topicCount === 0, { what: "nobody listens" });
  assert.deepEqual(service.presence.state("room/lobby:all"), {});
});

test("a drain says 1012, which clients come back after, and lets nobody in", async () => {
  await using service = await startSocket();
  const { token } = service.signIn();
  const client = await dialRaw(service, token);
  await client.join("room:1", {}, "3");
  client.send(["3", "4", "room:1", "say", { texts: {} }]);
  await service.sockets.drain();
  assert.equal((await client.closed).code, 1012);
  const path = `${ROOM_SOCKET}?token=${token}&vsn=2.0.0`;
  assert.equal((await service.refused({ path })).status, 503);
});

test("a reader that stalls is cut off at its bound, and the others hear everything", async () => {
  await using service = await startSocket();
  const topic = "room:loud";
  const stalled = await dialRaw(service, service.signIn().token);
  const reader = await dialRaw(service, service.signIn().token);
  for (const client of [stalled, reader]) await client.join(topic, {}, "3");
  stalled.ws.pause();
  const bytes = "A".repeat(400_000);
  let drawn = 0;
  const painter = await dialRaw(service, service.signIn().token);
  await painter.join(topic, {}, "3");
  const isCutOff = () => service.sockets.stats("phoenix").closed["slow_reader"] === 1;
  while (!isCutOff()) {
    assert.ok(drawn < 100, "the stalled reader is never cut off");
    drawn += 1;
    painter.send(["3", null, topic, "draw", { bytes }]);
    await waitFor(() => reader.binaries.length === drawn, { what: "the other hears it" });
  }
  assert.equal(service.sockets.count, 2);
});

test("too many frames are refused with the time to wait, a flood is closed", async () => {
  const clock = createManualClock(START_MS);
  await using service = await startSocket({ clock });
  const client = await dialRaw(service, service.signIn().token);
  for (let sent = 0; sent < FRAME_BUDGET.burst; sent += 1) {
    client.send([null, null, "phoenix", "heartbeat", {}]);
  }
  const [, , , , refused] = await client.join("room:1");
  const { response } = refused as { response: { reason: string; retryAfterMs: number } };
  assert.equal(response.reason, "TOO_MANY");
  assert.ok(response.retryAfterMs > 0);
  assert.equal((await client.ask(null, "1", "phoenix", "heartbeat", {}))[4]["status"], "ok");
  for (let sent = 0; sent < FRAME_BUDGET.burst; sent += 1) {
    client.send([null, null, "phoenix", "heartbeat", {}]);
  }
  assert.equal((await client.closed).code, 3501);
});
