import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { type Flushable, FlushQueue } from "./flush-queue.ts";
import { COALESCE_MS, FLUSHES_PER_TURN_MAX } from "./limits.ts";

/** Runs what waits for the end of this turn of the event loop. */
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function socket(stillWaiting: () => boolean = () => false): Flushable & { flushes: number } {
  return {
    queued: false,
    urgent: false,
    flushes: 0,
    flush() {
      this.flushes += 1;
      return stillWaiting();
    },
  };
}

test("a push that comes alone goes out at the end of the turn, further ones once a window", async () => {
  const clock = createManualClock(0);
  const queue = new FlushQueue(clock);
  const one = socket();
  queue.later(one);
  queue.later(one);
  assert.equal(one.flushes, 0);
  await endOfTurn();
  assert.equal(one.flushes, 1);

  for (let push = 0; push < 10; push += 1) {
    queue.later(one);
    await endOfTurn();
  }
  assert.equal(one.flushes, 1, "the window is open");
  clock.advance(COALESCE_MS - 1);
  assert.equal(one.flushes, 1);
  clock.advance(1);
  assert.equal(one.flushes, 2);

  clock.advance(COALESCE_MS);
  assert.equal(clock.pending(), 0, "no timer runs while nothing is pushed");
  queue.later(one);
  await endOfTurn();
  assert.equal(one.flushes, 3);
});

test("an answer does not wait for the window", async () => {
  const clock = createManualClock(0);
  const queue = new FlushQueue(clock);
  const one = socket();
  queue.later(one);
  await endOfTurn();
  queue.later(one);
  queue.soon(one);
  queue.soon(one);
  await endOfTurn();
  assert.equal(one.flushes, 2);
});

test("a reader that is behind is tried again each window, and nobody waits for it", async () => {
  const clock = createManualClock(0);
  const queue = new FlushQueue(clock);
  let isBehind = true;
  const slow = socket(() => isBehind);
  const quick = socket();
  queue.later(slow);
  queue.later(quick);
  await endOfTurn();
  assert.deepEqual([slow.flushes, quick.flushes], [1, 1]);
  clock.advance(3 * COALESCE_MS);
  assert.deepEqual([slow.flushes, quick.flushes], [4, 1]);
  isBehind = false;
  clock.advance(3 * COALESCE_MS);
  assert.equal(slow.flushes, 5);
});

test("very many sockets are written to over several turns, in order", async () => {
  const clock = createManualClock(0);
  const queue = new FlushQueue(clock);
  const sockets = Array.from({ length: FLUSHES_PER_TURN_MAX + 1 }, () => socket());
  for (const one of sockets) queue.later(one);
  await endOfTurn();
  assert.equal(sockets.at(-2)?.flushes, 1);
  assert.equal(sockets.at(-1)?.flushes, 0);
  clock.advance(0);
  assert.equal(sockets.at(-1)?.flushes, 1);
});
