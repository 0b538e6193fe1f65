import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

const best = (screeningId: string, more: object) =>
  cinema.call<{ seatIds: string[]; oneRow: boolean }>("cinema.bestAvailable", {
    screeningId,
    ...more,
  });

describe("cinema.bestAvailable", () => {
  test("proposes what cinema.hold can take", async () => {
    const { id } = await cinema.newScreening(gridPlan(5, 9));
    for (const count of [1, 3, 10, 8, 10, 10]) {
      const { seatIds } = await best(id, { count });
      assert.equal(seatIds.length, count);
      assert.equal((await cinema.hold(id, seatIds, cinema.newPerson())).seatIds.length, count);
    }
    await assert.rejects(best(id, { count: 10 }), {
      code: "NOT_ENOUGH_SEATS",
      data: { free: 3 },
    });
    clock.advance(10 * MINUTE_MS);
    assert.equal((await best(id, { count: 10 })).seatIds.length, 10);
  });

  test("keeps to the category and to accessible places when asked", async () => {
    const plan = gridPlan(2, 4);
    plan.categories.push({ id: "royal", name: "Royal" });
    plan.sections[0]!.rows[0]!.seats[0]!.category = "royal";
    plan.sections[0]!.rows[1]!.seats[3]!.accessible = true;
    const { id } = await cinema.newScreening(plan);
    assert.deepEqual((await best(id, { count: 1, category: "royal" })).seatIds, ["A1"]);
    assert.deepEqual((await best(id, { count: 2, accessible: 1 })).seatIds, ["B3", "B4"]);
    await assert.rejects(best(id, { count: 2, accessible: 2 }), { code: "NOT_ENOUGH_SEATS" });
    await assert.rejects(best(id, { count: 2, category: "royal" }), { data: { free: 1 } });
  });

  test("knows the screening, and ends when it starts", async () => {
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(best(nowhere, { count: 1 }), { code: "SCREENING_NOT_FOUND" });
    const { id } = await cinema.newScreening(gridPlan(1, 2));
    clock.advance(60 * MINUTE_MS);
    await assert.rejects(best(id, { count: 1 }), { code: "SCREENING_STARTED" });
  });
});
