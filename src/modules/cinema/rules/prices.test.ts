import assert from "node:assert/strict";
import { test } from "node:test";
import { gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { indexPlan } from "./plan-index.ts";
import { amountOf, priceGaps } from "./prices.ts";

const plan = gridPlan(2, 3);
plan.categories.push({ id: "constructor", name: "Builders" });
plan.sections[0]!.rows[1]!.seats[0]!.category = "constructor";

test("seats cost the sum of their categories' prices", () => {
  const prices = { standard: 1_100, constructor: 50 };
  assert.equal(amountOf(["A1", "B1", "B2"], indexPlan(plan), prices), 2_250);
  assert.throws(() => amountOf(["Z1"], indexPlan(plan), prices), /no price/);
});

test("prices that are missing or name no category are found", () => {
  assert.deepEqual(priceGaps(plan, { standard: 1, royal: 2 }), {
    missing: ["constructor"],
    unknown: ["royal"],
  });
  assert.deepEqual(priceGaps(plan, { standard: 1, constructor: 2 }), { missing: [], unknown: [] });
});
