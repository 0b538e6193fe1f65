import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
const { operator, cinemaId } = cinema;
after(() => cinema[Symbol.asyncDispose]());

const block = (screeningId: string, seatIds: string[], blocked = true) =>
  cinema.call<{ changed: string[] }>(
    "cinema.blockSeats",
    { screeningId, seatIds, blocked },
    operator,
  );

describe("cinema.blockSeats", () => {
  test("takes seats out of sale and puts them back", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 3));
    const watcher = await cinema.watch(id);
    assert.deepEqual((await block(id, ["A2", "A1", "A2"])).changed, ["A1", "A2"]);
    assert.deepEqual(watcher.seats, { A1: { state: "blocked" }, A2: { state: "blocked" } });
    assert.deepEqual((await block(id, ["A2", "A3"])).changed, ["A3"]);
    await assert.rejects(cinema.hold(id, ["A1"], cinema.newPerson()), { code: "SEAT_TAKEN" });
    assert.deepEqual((await block(id, ["A1", "B1"], false)).changed, ["A1"]);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    await cinema.hold(id, ["A1"], cinema.newPerson());
  });

  test("leaves booked and held seats to their owners, and then blocks nothing", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 3));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2"], ann);
    await cinema.book(id, ann, ["A1"]);
    const before = await cinema.seats(id);
    await assert.rejects(block(id, ["A1", "A2", "A3"]), {
      code: "SEAT_TAKEN",
      data: { seatIds: ["A1", "A2"] },
    });
    await assert.rejects(block(id, ["Z1"]), { code: "SEAT_UNKNOWN" });
    assert.deepEqual((await block(id, ["A1", "A2"], false)).changed, []);
    assert.deepEqual(await cinema.seats(id), before);
  });

  test("takes seats whose hold is over", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 3));
    await cinema.hold(id, ["A1"], cinema.newPerson());
    const watcher = await cinema.watch(id);
    clock.advance(10 * MINUTE_MS);
    assert.deepEqual((await block(id, ["A1"])).changed, ["A1"]);
    assert.deepEqual(watcher.seats, { A1: { state: "blocked" } });
  });
});

describe("cinema.report", () => {
  const report = (fromMs: number, toMs: number) =>
    cinema.call<{ lines: Array<{ screeningId: string }> }>(
      "cinema.report",
      { cinemaId, fromMs, toMs },
      operator,
    );

  test("counts seats, bookings and revenue of a span of time", async () => {
    const startsAtMs = clock.nowMs() + 100 * 60 * MINUTE_MS;
    const screening = await cinema.newScreening(gridPlan(2, 3), { startsAtMs });
    const { id } = screening;
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["A1", "A2"], ann);
    await cinema.book(id, ann);
    await cinema.hold(id, ["A3"], ben);
    const { id: bookingId } = await cinema.book(id, ben);
    await cinema.call("cinema.cancelBooking", { bookingId }, ben);
    await cinema.hold(id, ["B1"], ben);
    await block(id, ["B3"]);
    const { lines } = await report(startsAtMs, startsAtMs + 1);
    assert.deepEqual(lines, [
      {
        screeningId: id,
        title: screening.title,
        hallName: "Hall",
        startsAtMs,
        seatCount: 6,
        counts: { free: 2, held: 1, booked: 2, blocked: 1 },
        bookings: 1,
        revenueMinor: 2_000,
        currency: "EUR",
      },
    ]);
    assert.deepEqual((await report(startsAtMs + 1, startsAtMs + 2)).lines, []);
    assert.deepEqual((await report(startsAtMs - 1, startsAtMs)).lines, []);
  });

  test("knows the cinema, and every time there is", async () => {
    const input = { cinemaId: 2_000_000_000, fromMs: 0, toMs: 1 };
    await assert.rejects(cinema.call("cinema.report", input, operator), {
      code: "CINEMA_NOT_FOUND",
    });
    await report(0, 8_640_000_000_000_000);
  });
});
