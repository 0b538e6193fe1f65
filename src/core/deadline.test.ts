import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { Deadlines } from "./deadline.ts";

test("one timer ends each call at its own time, and none that has ended before", () => {
  const clock = createManualClock(0);
  const deadlines = new Deadlines(clock, 100);
  const expired: string[] = [];
  const start = (name: string) => {
    const deadline = deadlines.start(undefined);
    deadline.onExpired = () => expired.push(`${name} at ${clock.monotonicMs()}`);
    return deadline;
  };
  start("first");
  clock.advance(40);
  const quick = start("quick");
  start("second");
  deadlines.end(quick);
  assert.equal(clock.pending(), 1);
  clock.advance(59);
  assert.deepEqual(expired, []);
  clock.advance(100);
  assert.deepEqual(expired, ["first at 100", "second at 140"]);
  assert.equal(quick.aborted, false);
  assert.equal(clock.pending(), 0);
});

test("whoever listens hears that the time is over, or that the caller has gone", () => {
  const clock = createManualClock(0);
  const deadlines = new Deadlines(clock, 100);
  const gone = new AbortController();
  const [late, left] = [deadlines.start(undefined), deadlines.start(gone.signal)];
  const heard: string[] = [];
  late.addEventListener("abort", () => heard.push("late"));
  const { signal } = left;
  left.addEventListener("abort", () => heard.push("left"), { once: true });
  gone.abort();
  assert.deepEqual([left.aborted, signal.aborted, late.aborted], [true, true, false]);
  clock.advance(100);
  assert.deepEqual(heard, ["left", "late"]);
  assert.equal(late.signal.aborted, true);
  assert.equal(deadlines.start(gone.signal).signal.aborted, true, "who had gone before");
});

test("a call that has ended no longer listens for its caller", () => {
  const deadlines = new Deadlines(createManualClock(0), 100);
  const gone = new AbortController();
  const deadline = deadlines.start(gone.signal);
  const { signal } = deadline;
  deadlines.end(deadline);
  gone.abort();
  assert.equal(signal.aborted, false);
});
