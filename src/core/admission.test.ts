import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { Admission } from "./admission.ts";
import { StoaError } from "./errors.ts";
import {
  CALL_WAIT_MS_MAX,
  LINE_STANDS_AFTER_MS,
  LOOP_DELAY_MS_MAX,
  LOOP_PROBE_INTERVAL_MS,
  STANDING_WAIT_MS_MAX,
} from "./limits.ts";
import type { Urgency } from "./urgency.ts";

const isBusy = (error: unknown) => error instanceof StoaError && error.code === "UNAVAILABLE";

test("places are given in order, and beyond the bounds calls are refused at once", async () => {
  const admission = new Admission(createManualClock(0), { runningMax: 1, waitingMax: 2 });
  const order: string[] = [];
  assert.equal(admission.enter(), undefined);
  const first = admission.enter()?.then(() => order.push("first"));
  const second = admission.enter()?.then(() => order.push("second"));
  assert.throws(() => admission.enter(), isBusy);
  admission.leave();
  await first;
  admission.leave();
  await second;
  assert.deepEqual(order, ["first", "second"]);
  assert.equal(admission.running, 1);
  admission.leave();
  await admission.idle();
  assert.equal(admission.enter(), undefined);
});

test("nobody waits for a place for long, and who gave up takes none", async () => {
  const clock = createManualClock(0);
  const admission = new Admission(clock, { runningMax: 1, waitingMax: 2 });
  admission.enter();
  const tired = assert.rejects(admission.enter() ?? assert.fail(), isBusy);
  clock.advance(CALL_WAIT_MS_MAX - 1);
  const next = admission.enter() ?? assert.fail();
  clock.advance(1);
  await tired;
  admission.leave();
  await next;
  assert.equal(admission.running, 1);
  clock.advance(CALL_WAIT_MS_MAX);
  admission.leave();
  assert.equal(admission.running, 0);
  clock.advance(LOOP_PROBE_INTERVAL_MS);
  assert.equal(clock.pending(), 0, "nothing is probed when nobody comes");
});

test("the urgent go first, and the least urgent make room for them", async () => {
  const admission = new Admission(createManualClock(0), { runningMax: 1, waitingMax: 3 });
  const order: string[] = [];
  const enter = (urgency: Urgency) =>
    admission.enter(urgency)?.then(
      () => order.push(urgency),
      () => order.push(`no ${urgency}`),
    );
  enter("write");
  const waiting = [enter("history"), enter("write"), enter("read"), enter("sign-in")];
  await waiting[0];
  assert.deepEqual(order, ["no history"]);
  assert.throws(() => enter("history"), isBusy);
  assert.throws(() => enter("write"), isBusy, "it is no more urgent than who waits");
  for (let left = 0; left < 3; left += 1) admission.leave();
  await Promise.all(waiting);
  assert.deepEqual(order, ["no history", "sign-in", "read", "write"]);
});

test("fewer run at once while the event loop is late, and as many as before when it is not", () => {
  const time = createManualClock(0);
  let lateMs = 0;
  const late = { ...time, monotonicMs: () => time.monotonicMs() + lateMs };
  const admission = new Admission(late, { runningMax: 64, runningMin: 16 });
  const probe = (delayMs: number) => {
    admission.enter();
    admission.leave();
    lateMs += delayMs;
    time.advance(LOOP_PROBE_INTERVAL_MS);
  };
  probe(LOOP_DELAY_MS_MAX);
  assert.equal(admission.runningMax, 64);
  const bounds = [125, 400, 125, 125, 0, 0, 0, 0].map((delayMs) => {
    probe(delayMs);
    return admission.runningMax;
  });
  assert.deepEqual(bounds, [51, 25, 20, 16, 32, 48, 64, 64], "as late as it is, by half at most");
});

test("who waits while the bound is low goes on when it rises", async () => {
  const time = createManualClock(0);
  let lateMs = 0;
  const late = { ...time, monotonicMs: () => time.monotonicMs() + lateMs };
  const admission = new Admission(late, { runningMax: 2, runningMin: 1 });
  admission.enter();
  lateMs = 1_000;
  time.advance(LOOP_PROBE_INTERVAL_MS);
  const next = admission.enter() ?? assert.fail("there was a place");
  time.advance(LOOP_PROBE_INTERVAL_MS);
  await next;
  assert.equal(admission.running, 2);
});

/** How long an overload goes on in these tests, a probe's interval each. */
const INTERVALS = 30;
const STEPS = 20;

/** Twenty times in every probe's interval two calls come and one ends. */
function comeTwiceAsFast(waitingMax: number) {
  const clock = createManualClock(0);
  const admission = new Admission(clock, { runningMax: 10, runningMin: 1, waitingMax });
  const outcomes = { atOnce: 0, late: 0, served: 0 };
  const come = () => {
    assert.equal(admission.refusal() !== undefined, isFull(admission));
    try {
      admission.enter()?.then(
        () => (outcomes.served += 1),
        () => (outcomes.late += 1),
      );
    } catch (error) {
      assert.ok(isBusy(error));
      outcomes.atOnce += 1;
    }
  };
  const interval = () => {
    for (let step = 0; step < STEPS; step += 1) {
      come();
      come();
      admission.leave();
      clock.advance(LOOP_PROBE_INTERVAL_MS / STEPS);
    }
  };
  return { clock, admission, outcomes, interval };
}

const isFull = ({ running, runningMax, waiting, waitingMax }: Admission) =>
  running >= runningMax && waiting >= waitingMax;

test("a line that does not end takes no more than are served within a moment", async () => {
  const { admission, outcomes, interval } = comeTwiceAsFast(300);
  for (let passedMs = 0; passedMs < LINE_STANDS_AFTER_MS; passedMs += LOOP_PROBE_INTERVAL_MS) {
    interval();
  }
  assert.equal(outcomes.atOnce, 0, "at first it may be a crowd");
  for (let more = 0; more < INTERVALS; more += 1) interval();
  const served = (STEPS * STANDING_WAIT_MS_MAX) / LOOP_PROBE_INTERVAL_MS;
  assert.equal(admission.waitingMax, served);
  assert.ok(admission.waiting <= served, `${admission.waiting} wait`);
  await Promise.resolve();
  assert.equal(outcomes.late, 0, "whoever was let in was served");
  assert.ok(outcomes.atOnce > STEPS * (INTERVALS - 10), `${outcomes.atOnce} were refused`);
});

test("once the line has ended the next crowd is let in", () => {
  const { clock, admission, outcomes, interval } = comeTwiceAsFast(300);
  for (let more = 0; more < INTERVALS; more += 1) interval();
  while (admission.running > 0) admission.leave();
  clock.advance(LOOP_PROBE_INTERVAL_MS);
  assert.equal(admission.waitingMax, 300);
  const before = outcomes.atOnce;
  interval();
  assert.equal(outcomes.atOnce, before);
});
