import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { collectingSink } from "../../../../test/support/module-harness.ts";
import type { Booking, Cinema, Screening } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
const { operator, cinemaId } = cinema;
after(() => cinema[Symbol.asyncDispose]());

function save({ cinemaId: _, hallName, ...screening }: Screening): Promise<Screening> {
  return cinema.call("cinema.saveScreening", screening, operator);
}

describe("cinema.saveScreening", () => {
  test("adds a screening and tells the cinema's subscribers", async () => {
    const sink = collectingSink();
    await cinema.harness.open("cinema.subscribe", { cinemaId }, sink);
    const screening = await cinema.newScreening(gridPlan(2, 3));
    assert.equal(screening.hallName, "Hall");
    assert.equal(screening.cinemaId, cinemaId);
    const counts = { free: 6, held: 0, booked: 0, blocked: 0 };
    assert.deepEqual(
      sink.events.map(({ type, data }) => [type, data]),
      [["cinema.screening", { ...screening, counts }]],
    );
  });

  test("changes title, time and prices of one that is being sold", async () => {
    const screening = await cinema.newScreening(gridPlan(2, 3));
    const ann = cinema.newPerson();
    await cinema.hold(screening.id, ["A1"], ann);
    const watcher = await cinema.watch(screening.id);
    const changed = {
      ...screening,
      title: "Another Title",
      startsAtMs: screening.startsAtMs + MINUTE_MS,
      prices: { standard: 77 },
    };
    assert.deepEqual(await save(changed), changed);
    assert.deepEqual(
      watcher.events.map(({ type, data }) => [type, data]),
      [["cinema.changed", { screeningId: screening.id }]],
    );
    assert.equal((await cinema.book(screening.id, ann)).amountMinor, 77);
  });

  test("wants a price for each category, and no other", async () => {
    const hallId = await cinema.newHall(gridPlan(1, 2));
    await assert.rejects(cinema.newScreening(gridPlan(1, 2), { hallId, prices: { royal: 1 } }), {
      code: "PRICES_MISMATCH",
      data: { missing: ["standard"], unknown: ["royal"] },
    });
  });

  test("keeps hall and currency while somebody has a seat", async () => {
    const screening = await cinema.newScreening(gridPlan(2, 3));
    const hallId = await cinema.newHall(gridPlan(2, 3));
    const ann = cinema.newPerson();
    await cinema.hold(screening.id, ["B2"], ann);
    const refusal = { code: "SCREENING_IN_USE", data: { seatIds: ["B2"] } };
    await assert.rejects(save({ ...screening, hallId }), refusal);
    await assert.rejects(save({ ...screening, currency: "CHF" }), refusal);
    const booking: Booking = await cinema.book(screening.id, ann);
    await assert.rejects(save({ ...screening, hallId }), refusal);
    await cinema.call("cinema.cancelBooking", { bookingId: booking.id }, ann);
    await cinema.call(
      "cinema.blockSeats",
      { screeningId: screening.id, seatIds: ["A1"], blocked: true },
      operator,
    );
    const watcher = await cinema.watch(screening.id);
    assert.equal((await save({ ...screening, hallId, currency: "CHF" })).hallId, hallId);
    assert.deepEqual(watcher.seats, {});
    assert.deepEqual(await cinema.seats(screening.id), {});
  });

  test("stays in its cinema, and refuses what there is not", async () => {
    const screening = await cinema.newScreening(gridPlan(1, 2));
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(save({ ...screening, id: nowhere }), { code: "SCREENING_NOT_FOUND" });
    await assert.rejects(save({ ...screening, hallId: nowhere }), { code: "HALL_NOT_FOUND" });
    const other = await cinema.call<{ id: number }>(
      "cinema.saveCinema",
      { name: "Elsewhere", city: "Oslo", address: "" },
      operator,
    );
    const hall = { cinemaId: other.id, name: "Hall", plan: gridPlan(1, 2) };
    const { id: hallId } = await cinema.call<{ id: string }>("cinema.saveHall", hall, operator);
    await assert.rejects(save({ ...screening, hallId }), { code: "HALL_NOT_FOUND" });
  });

  test("that is over keeps its plan until it is put on again", async () => {
    const startsAtMs = clock.nowMs() + MINUTE_MS;
    const screening = await cinema.newScreening(gridPlan(2, 3), { startsAtMs });
    clock.advance(MINUTE_MS);
    const { hallId } = screening;
    const hall = { id: hallId, cinemaId, name: "Hall", plan: gridPlan(1, 3) };
    await cinema.call("cinema.saveHall", hall, operator);
    const seatCount = async () => {
      const input = { screeningId: screening.id };
      const { plan } = await cinema.call<{ plan: typeof hall.plan }>("cinema.getScreening", input);
      return plan.sections[0]!.rows.length * 3;
    };
    await save({ ...screening, title: "It Was Good" });
    assert.equal(await seatCount(), 6);
    await save({ ...screening, startsAtMs: clock.nowMs() + MINUTE_MS });
    assert.equal(await seatCount(), 3);
  });
});

describe("cinema.saveCinema", () => {
  test("adds and changes cinemas", async () => {
    const fields = { name: "Lumen", city: "Porto", address: "Rua Nova 3" };
    const added = await cinema.call<{ id: number }>("cinema.saveCinema", fields, operator);
    const changed = { ...fields, id: added.id, name: "Lumen 2" };
    assert.deepEqual(await cinema.call("cinema.saveCinema", changed, operator), changed);
    const { cinemas } = await cinema.call<{ cinemas: Cinema[] }>("cinema.list", {});
    assert.deepEqual(
      cinemas.find(({ id }) => id === added.id),
      changed,
    );
    const nowhere = { ...fields, id: 2_000_000_000 };
    await assert.rejects(cinema.call("cinema.saveCinema", nowhere, operator), {
      code: "CINEMA_NOT_FOUND",
    });
  });
});
