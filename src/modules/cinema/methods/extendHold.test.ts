import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import type { Person } from "../../../core/actor.ts";
import type { Hold } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

const extend = (screeningId: string, as: Person) =>
  cinema.call<Hold>("cinema.extendHold", { screeningId }, as);

describe("cinema.extendHold", () => {
  test("moves the end of all seats, and tells the watchers", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    const watcher = await cinema.watch(id);
    await cinema.hold(id, ["A2", "A1"], ann);
    clock.advance(9 * MINUTE_MS);
    const extended = await extend(id, ann);
    assert.deepEqual(extended.seatIds, ["A1", "A2"]);
    assert.equal(extended.untilMs, clock.nowMs() + 10 * MINUTE_MS);
    assert.equal(extended.extendableUntilMs, clock.nowMs() + 21 * MINUTE_MS);
    const seats = await cinema.seats(id);
    assert.equal(seats["A2"]?.untilMs, extended.untilMs);
    assert.deepEqual(watcher.seats, seats);
  });

  test("ends thirty minutes after the first seat, and then changes nothing more", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    const { extendableUntilMs } = await cinema.hold(id, ["A1"], ann);
    for (let i = 0; i < 3; i += 1) {
      clock.advance(8 * MINUTE_MS);
      await extend(id, ann);
    }
    const watcher = await cinema.watch(id);
    assert.equal((await extend(id, ann)).untilMs, extendableUntilMs);
    assert.deepEqual(watcher.events, []);
    clock.advance(6 * MINUTE_MS);
    await assert.rejects(extend(id, ann), { code: "NOT_HELD", data: { seatIds: [] } });
  });

  test("never shortens a hold, even when the clock is set back", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    const { untilMs } = await cinema.hold(id, ["A1"], ann);
    clock.jump(-5 * MINUTE_MS);
    assert.equal((await extend(id, ann)).untilMs, untilMs);
    assert.equal((await cinema.hold(id, ["A2"], ann)).untilMs, untilMs);
    clock.jump(5 * MINUTE_MS);
  });

  test("needs a hold of one's own that lives", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["A1"], ann);
    await assert.rejects(extend(id, ben), { code: "NOT_HELD" });
    clock.advance(10 * MINUTE_MS);
    await assert.rejects(extend(id, ann), { code: "NOT_HELD" });
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(extend(nowhere, ann), { code: "SCREENING_NOT_FOUND" });
    clock.advance(60 * MINUTE_MS);
    await assert.rejects(extend(id, ann), { code: "SCREENING_STARTED" });
  });
});
