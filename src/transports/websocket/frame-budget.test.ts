import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameBudget } from "./frame-budget.ts";

const BUDGET = { burst: 10, perSecond: 5 };

test("a burst passes, what follows is told when to come back, and then may", () => {
  const budget = new FrameBudget(BUDGET, 0);
  for (let frame = 0; frame < 10; frame += 1) assert.equal(budget.take(BUDGET, 0), 0);
  assert.equal(budget.take(BUDGET, 0), 200);
  assert.equal(budget.take(BUDGET, 200 + 200), 0, "the refused frame was paid for as well");
});

test("whoever goes on regardless floods, whoever waits never does", () => {
  const budget = new FrameBudget(BUDGET, 0);
  const waits = Array.from({ length: 21 }, () => budget.take(BUDGET, 0));
  assert.equal(waits.at(-2), 2_000);
  assert.equal(waits.at(-1), Number.POSITIVE_INFINITY);

  const patient = new FrameBudget(BUDGET, 0);
  let nowMs = 0;
  for (let frame = 0; frame < 1_000; frame += 1) nowMs += patient.take(BUDGET, nowMs);
  assert.ok(nowMs < Number.POSITIVE_INFINITY);
});
