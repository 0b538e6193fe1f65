import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { HOLD_MS } from "./hold.ts";
import { indexPlan } from "./plan-index.ts";
import { assignOffers, type WaitingPerson } from "./waitlist.ts";

const NOW_MS = 1_000_000;
const plan = gridPlan(2, 8);
plan.sections[0]!.rows[1]!.seats[7]!.accessible = true;
const index = indexPlan(plan);

const waiting = (accountId: string, count: number, more: Partial<WaitingPerson> = {}) => ({
  accountId,
  count,
  seatsNow: 0,
  extendableUntilMs: null,
  ...more,
});
const assign = (line: WaitingPerson[], freed: string[]) =>
  assignOffers(line, freed, index, NOW_MS).map(({ accountId, seatIds }) => [
    accountId,
    [...seatIds].sort().join(" "),
  ]);

describe("seats that came free", () => {
  test("go to the first in line, then to the next", () => {
    const line = [waiting("ann", 2), waiting("ben", 1), waiting("eve", 1)];
    assert.deepEqual(assign(line, ["A1", "A2", "B5"]), [
      ["ann", "A1 A2"],
      ["ben", "B5"],
    ]);
  });

  test("go to the first in line though they are fewer than wanted", () => {
    assert.deepEqual(assign([waiting("ann", 4), waiting("ben", 1)], ["A1", "A2"]), [
      ["ann", "A1 A2"],
    ]);
  });

  test("pass over who has ten seats, or whose hold is nearly at its end", () => {
    const line = [
      waiting("full", 1, { seatsNow: 10 }),
      waiting("late", 1, { seatsNow: 2, extendableUntilMs: NOW_MS + HOLD_MS - 1 }),
      waiting("room", 3, { seatsNow: 8, extendableUntilMs: NOW_MS + HOLD_MS }),
    ];
    assert.deepEqual(assign(line, ["A1", "A2", "A3"]), [["room", "A2 A3"]]);
  });

  test("are given beside each other", () => {
    assert.deepEqual(assign([waiting("ann", 2)], ["A1", "B4", "B5"]), [["ann", "B4 B5"]]);
  });

  test("are no accessible places, and no seats the plan does not know", () => {
    assert.deepEqual(assign([waiting("ann", 2)], ["B8", "Z1"]), []);
  });
});
