import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { Admission } from "./admission.ts";
import { StoaError } from "./errors.ts";
import { CALL_WAIT_MS_MAX } from "./limits.ts";

const isBusy = (error: unknown) => error instanceof StoaError && error.code === "UNAVAILABLE";

test("places are given in order, and beyond the bounds calls are refused at once", async () => {
  const admission = new Admission(createManualClock(0), 1, 2);
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
  const admission = new Admission(clock, 1, 2);
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
  assert.equal(clock.pending(), 0);
});
