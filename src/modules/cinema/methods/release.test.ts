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

interface Released {
  readonly released: string[];
  readonly hold: Hold | null;
}
const release = (screeningId: string, as: Person, seatIds?: string[]) =>
  cinema.call<Released>("cinema.release", { screeningId, ...(seatIds && { seatIds }) }, as);

describe("cinema.release", () => {
  test("gives back the seats that are named, and keeps the rest as it was", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    const hold = await cinema.hold(id, ["A1", "A2", "A3"], ann);
    const watcher = await cinema.watch(id);
    clock.advance(MINUTE_MS);
    const answer = await release(id, ann, ["A3", "A1"]);
    assert.deepEqual(answer, { released: ["A1", "A3"], hold: { ...hold, seatIds: ["A2"] } });
    assert.deepEqual(Object.keys(await cinema.seats(id)), ["A2"]);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    await cinema.hold(id, ["A1", "A3"], cinema.newPerson());
  });

  test("gives back the whole hold, also when its time is over", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2"], ann);
    clock.advance(10 * MINUTE_MS);
    assert.deepEqual(await release(id, ann), { released: ["A1", "A2"], hold: null });
    assert.deepEqual(await cinema.seats(id), {});
  });

  test("leaves alone what the caller does not hold", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["A1", "A2"], ann);
    await cinema.book(id, ann, ["A2"]);
    const before = await cinema.seats(id);
    assert.deepEqual(await release(id, ben), { released: [], hold: null });
    assert.deepEqual(await release(id, ben, ["A1", "B1"]), { released: [], hold: null });
    assert.deepEqual((await release(id, ann, ["A2"])).released, []);
    assert.deepEqual(await cinema.seats(id), before);
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(release(nowhere, ann), { code: "SCREENING_NOT_FOUND" });
  });
});
