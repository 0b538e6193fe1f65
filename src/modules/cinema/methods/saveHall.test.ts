import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { collectingSink } from "../../../../test/support/module-harness.ts";
import { UPCOMING_MAX } from "../rules/programme.ts";
import { findHallRow, upsertScreening } from "../store/editing.ts";
import type { Counts, Hall, Plan, Screening } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
const { operator, cinemaId } = cinema;
after(() => cinema[Symbol.asyncDispose]());

const getHall = (id: string) => cinema.call<Hall>("cinema.getHall", { id }, operator);
const savePlan = (id: string, plan: Plan, name = "Hall") =>
  cinema.call("cinema.saveHall", { id, cinemaId, name, plan }, operator);
const getScreening = (screeningId: string) =>
  cinema.call<{ screening: Screening; plan: Plan }>("cinema.getScreening", { screeningId });

async function countsOf(screeningId: string): Promise<Counts | undefined> {
  const { screenings } = await cinema.call<{ screenings: Array<{ id: string; counts: Counts }> }>(
    "cinema.getOne",
    { id: cinemaId },
  );
  return screenings.find(({ id }) => id === screeningId)?.counts;
}

describe("cinema.saveHall", () => {
  test("takes what cinema.getHall gave: export and import", async () => {
    const plan = gridPlan(2, 4);
    plan.focus = { x: 0.5, y: 4.25 };
    const id = await cinema.newHall(plan);
    const hall = await getHall(id);
    assert.deepEqual(hall, { id, cinemaId, name: "Hall", seatCount: 8, plan });
    const { id: _, seatCount, ...copy } = hall;
    const summary = await cinema.call<{ id: string }>("cinema.saveHall", copy, operator);
    assert.deepEqual(summary, { id: summary.id, name: "Hall", seatCount });
    assert.notEqual(summary.id, id);
    assert.deepEqual((await getHall(summary.id)).plan, plan);
  });

  test("refuses a plan that contradicts itself, and lists where", async () => {
    const plan = gridPlan(2, 4);
    plan.sections[0]!.rows[1]!.seats[0]!.id = "A1";
    const id = await cinema.newHall(gridPlan(2, 4));
    await assert.rejects(savePlan(id, plan), {
      code: "PLAN_INVALID",
      data: {
        problems: [
          {
            problem: "duplicate_seat",
            path: ["sections", 0, "rows", 1, "seats", 0],
            message: "Two seats are labelled A1.",
          },
        ],
        problemsTotal: 1,
      },
    });
    assert.deepEqual((await getHall(id)).plan, gridPlan(2, 4));
  });

  test("refuses halls and cinemas there are not", async () => {
    const plan = gridPlan(1, 1);
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(savePlan(nowhere, plan), { code: "HALL_NOT_FOUND" });
    await assert.rejects(getHall(nowhere), { code: "HALL_NOT_FOUND" });
    const input = { cinemaId: 2_000_000_000, name: "Hall", plan };
    await assert.rejects(cinema.call("cinema.saveHall", input, operator), {
      code: "CINEMA_NOT_FOUND",
    });
  });

  test("puts the plan into force in the screenings to come", async () => {
    const { id, hallId } = await cinema.newScreening(gridPlan(2, 4));
    await cinema.hold(id, ["A1"], cinema.newPerson());
    const block = { screeningId: id, seatIds: ["B4"], blocked: true };
    await cinema.call("cinema.blockSeats", block, operator);
    const watcher = await cinema.watch(id);
    const sink = collectingSink();
    await cinema.harness.open("cinema.subscribe", { cinemaId }, sink);
    await savePlan(hallId, gridPlan(2, 3), "Small Hall");
    assert.deepEqual((await getScreening(id)).plan, gridPlan(2, 3));
    assert.equal((await getScreening(id)).screening.hallName, "Small Hall");
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    assert.deepEqual(Object.keys(watcher.seats), ["A1"]);
    assert.equal(watcher.events.at(-1)?.type, "cinema.changed");
    const counts = { free: 5, held: 1, booked: 0, blocked: 0 };
    assert.deepEqual(await countsOf(id), counts);
    assert.deepEqual((sink.events.at(-1)!.data as { counts: Counts }).counts, counts);
    await assert.rejects(cinema.hold(id, ["B4"], cinema.newPerson()), { code: "SEAT_UNKNOWN" });
  });

  test("may not lose a booked or held seat", async () => {
    const screening = await cinema.newScreening(gridPlan(2, 4));
    const { id, hallId, title, startsAtMs } = screening;
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["B4"], ann);
    await cinema.book(id, ann);
    await cinema.hold(id, ["A4", "A3"], ben);
    await assert.rejects(savePlan(hallId, gridPlan(2, 3)), {
      code: "PLAN_IN_USE",
      data: { screenings: [{ screeningId: id, title, startsAtMs, seatIds: ["A4", "B4"] }] },
    });
    assert.deepEqual((await getHall(hallId)).plan, gridPlan(2, 4));
    // More seats are no loss, and a hold that is over does not count.
    await savePlan(hallId, gridPlan(3, 4));
    clock.advance(10 * MINUTE_MS);
    await assert.rejects(savePlan(hallId, gridPlan(2, 3)), {
      code: "PLAN_IN_USE",
      data: { screenings: [{ screeningId: id, title, startsAtMs, seatIds: ["B4"] }] },
    });
  });

  test("leaves a screening that is over as it was sold", async () => {
    const startsAtMs = clock.nowMs() + MINUTE_MS;
    const { id, hallId } = await cinema.newScreening(gridPlan(2, 4), { startsAtMs });
    const ann = cinema.newPerson();
    await cinema.hold(id, ["B4"], ann);
    await cinema.book(id, ann);
    clock.advance(MINUTE_MS);
    await savePlan(hallId, gridPlan(1, 2));
    assert.deepEqual((await getScreening(id)).plan, gridPlan(2, 4));
    assert.equal((await cinema.seats(id))["B4"]?.state, "booked");
  });

  test("refuses categories that screenings to come have no price for", async () => {
    const { id, hallId } = await cinema.newScreening(gridPlan(1, 4));
    const plan = gridPlan(1, 4);
    plan.categories.push({ id: "royal", name: "Royal" });
    await assert.rejects(savePlan(hallId, plan), {
      code: "PLAN_UNPRICED",
      data: { screenings: [{ screeningId: id, categories: ["royal"] }] },
    });
  });

  test("changes as many screenings as a hall may have, and no more can be added", async () => {
    const screening = await cinema.newScreening(gridPlan(1, 2));
    const { hallId, startsAtMs, currency, durationMinutes, description, prices } = screening;
    const { ids } = cinema.harness.ports;
    await cinema.harness.work.write(async ({ tx }) => {
      const planId = (await findHallRow(tx, hallId))?.planId ?? "";
      const film = { title: "Again", description, durationMinutes, currency, prices };
      for (let i = 1; i < UPCOMING_MAX; i += 1) {
        const row = { id: ids.uuid(), cinemaId, hallId, planId, ...film, startsAtMs };
        await upsertScreening(tx, row);
      }
    });
    const sink = collectingSink();
    await cinema.harness.open("cinema.subscribe", { cinemaId }, sink);
    await savePlan(hallId, gridPlan(1, 3));
    const counts = sink.events.map(({ data }) => (data as { counts: Counts }).counts.free);
    assert.deepEqual(counts, Array(UPCOMING_MAX).fill(3));
    await assert.rejects(cinema.newScreening(gridPlan(1, 3), { hallId, startsAtMs }), {
      code: "PROGRAMME_FULL",
      data: { what: "screenings", max: UPCOMING_MAX },
    });
  });

  test("is for operators", async () => {
    const input = { cinemaId, name: "Hall", plan: gridPlan(1, 1) };
    await assert.rejects(cinema.call("cinema.saveHall", input, cinema.newPerson()), {
      code: "FORBIDDEN",
    });
    await assert.rejects(cinema.call("cinema.saveHall", input), { code: "UNAUTHENTICATED" });
  });
});
