import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import type { StreamEvent } from "./event-log.ts";
import { FollowedTopic } from "./topic.ts";

const GAP_MS = 30;
const event = (offset: number): StreamEvent => ({ topic: "t", type: "t.e", offset, data: {} });
const upTo = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + 1 + i);

/** A topic over a history that a test may grow and trim. */
function harness({ history = 0, pageMax = 1_000 } = {}) {
  const clock = createManualClock(0);
  const log = { newest: history, oldest: 1, reads: 0, failing: false };
  const topic = new FollowedTopic("t", {
    readRange: async (after) => {
      log.reads += 1;
      if (log.failing) throw new Error("the database is away");
      return upTo(Math.max(after, log.oldest - 1), log.newest)
        .slice(0, pageMax)
        .map(event);
    },
    afterGap: (run) => clock.after(GAP_MS, run),
    onFailure: () => {},
  });
  const join = () => {
    const heard: number[] = [];
    const state = { heard, lost: false, handle: {} as object };
    state.handle = topic.join({
      push: ({ offset }) => void heard.push(offset),
      lost: () => {
        state.lost = true;
      },
    });
    return state;
  };
  return { clock, log, topic, join };
}

describe("a followed topic", () => {
  it("gives what came after the snapshot, also what arrived while it was read", () => {
    const { topic, join } = harness();
    const follower = join();
    for (const offset of [4, 5, 6]) topic.accept(event(offset));
    assert.deepEqual(follower.heard, []);
    topic.start(follower.handle, 5);
    assert.deepEqual(follower.heard, [6]);
    topic.accept(event(7));
    assert.deepEqual(follower.heard, [6, 7]);
  });

  it("drops repeats and puts early events into order", () => {
    const { topic, join } = harness();
    const follower = join();
    topic.start(follower.handle, 0);
    for (const offset of [1, 3, 1, 2, 2, 5, 4, 3]) topic.accept(event(offset));
    assert.deepEqual(follower.heard, [1, 2, 3, 4, 5]);
  });

  it("reads from the database what the bus lost, page by page", async () => {
    const { clock, log, topic, join } = harness({ pageMax: 2 });
    const follower = join();
    topic.start(follower.handle, 0);
    log.newest = 7;
    topic.accept(event(7));
    clock.advance(GAP_MS);
    await waitFor(() => follower.heard.length === 7, { timeoutMs: 1_000, what: "seven events" });
    assert.deepEqual(follower.heard, upTo(0, 7));
  });

  it("catches up when a check finds the database ahead, also after a failed read", async () => {
    const { log, topic, join } = harness();
    const follower = join();
    topic.start(follower.handle, 0);
    log.newest = 3;
    log.failing = true;
    topic.expect(3);
    await waitFor(() => log.reads === 1, { timeoutMs: 1_000, what: "a read" });
    assert.deepEqual(follower.heard, []);
    log.failing = false;
    topic.expect(3);
    await waitFor(() => follower.heard.length === 3, { timeoutMs: 1_000, what: "three events" });
  });

  it("brings a follower forward whose snapshot is older than the topic's place", async () => {
    const { log, topic, join } = harness({ history: 7 });
    const [older, newer] = [join(), join()];
    topic.start(newer.handle, 7);
    topic.start(older.handle, 5);
    log.newest = 8;
    topic.accept(event(8));
    await waitFor(() => older.heard.length === 3, { timeoutMs: 1_000, what: "three events" });
    assert.deepEqual(older.heard, [6, 7, 8]);
    assert.deepEqual(newer.heard, [8]);
  });

  it("tells a follower when events in between are no longer kept", async () => {
    const { clock, log, topic, join } = harness();
    const follower = join();
    topic.start(follower.handle, 2);
    log.newest = 10;
    log.oldest = 6;
    topic.accept(event(10));
    clock.advance(GAP_MS);
    await waitFor(() => follower.lost, { timeoutMs: 1_000, what: "the loss to be told" });
    assert.deepEqual(follower.heard, []);
  });

  it("is gapless and in order however the bus drops, doubles and reorders", async () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 0, max: 30 }), async (offsets, start) => {
        const { clock, log, topic, join } = harness({ history: 30, pageMax: 4 });
        const follower = join();
        const half = offsets.length >> 1;
        for (const offset of offsets.slice(0, half)) topic.accept(event(offset));
        topic.start(follower.handle, start);
        for (const offset of offsets.slice(half)) topic.accept(event(offset));
        clock.advance(GAP_MS);
        await waitFor(
          () => {
            topic.expect(log.newest);
            return follower.heard.length === 30 - start;
          },
          { timeoutMs: 2_000, what: `all events after ${start}` },
        );
        assert.deepEqual(follower.heard, upTo(start, 30));
      }),
      { numRuns: 60 },
    );
  });
});
