import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import type { Person } from "../../../core/actor.ts";
import type { Booking, Hold, Plan } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

const cancel = (bookingId: string, as: Person) =>
  cinema.call<Booking>("cinema.cancelBooking", { bookingId }, as);

interface Own {
  readonly bookings: Booking[];
  readonly holds: Hold[];
  readonly more: boolean;
}
const own = (as: Person, more: object = {}) => cinema.call<Own>("cinema.myBookings", more, as);

function twoPricePlan(): Plan {
  const plan = gridPlan(2, 6);
  plan.categories.push({ id: "premium", name: "Premium" });
  for (const seat of plan.sections[0]!.rows[1]!.seats) seat.category = "premium";
  return plan;
}

describe("cinema.book", () => {
  test("books the whole hold at the prices of its categories", async () => {
    const screening = await cinema.newScreening(twoPricePlan());
    const ann = cinema.newPerson();
    const watcher = await cinema.watch(screening.id);
    await cinema.hold(screening.id, ["B1", "A1"], ann);
    const booking = await cinema.book(screening.id, ann);
    assert.match(booking.reference, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    assert.deepEqual(booking, {
      id: booking.id,
      reference: booking.reference,
      status: "booked",
      screeningId: screening.id,
      title: screening.title,
      cinemaName: "Roxy",
      hallName: "Hall",
      startsAtMs: screening.startsAtMs,
      seatIds: ["A1", "B1"],
      amountMinor: 2_250,
      currency: "EUR",
      bookedAtMs: clock.nowMs(),
    });
    const seats = await cinema.seats(screening.id);
    assert.equal(seats["A1"]?.state, "booked");
    assert.equal(seats["A1"]?.untilMs, undefined);
    assert.deepEqual(watcher.seats, seats);
    assert.deepEqual((await own(ann)).bookings, [booking]);
  });

  test("books some of the held seats, and the others stay held", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2", "A3"], ann);
    assert.deepEqual((await cinema.book(id, ann, ["A2"])).seatIds, ["A2"]);
    const states = Object.entries(await cinema.seats(id)).map(([, { state }]) => state);
    assert.deepEqual(states.sort(), ["booked", "held", "held"]);
    assert.deepEqual((await own(ann)).holds[0]?.seatIds, ["A1", "A3"]);
  });

  test("needs a live hold of one's own, for each of the seats", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await assert.rejects(cinema.book(id, ann), { code: "NOT_HELD", data: { seatIds: [] } });
    await cinema.hold(id, ["A1", "A2"], ann);
    await assert.rejects(cinema.book(id, ben, ["A1"]), {
      code: "NOT_HELD",
      data: { seatIds: ["A1"] },
    });
    await assert.rejects(cinema.book(id, ann, ["A1", "A3"]), {
      code: "NOT_HELD",
      data: { seatIds: ["A3"] },
    });
    const before = await cinema.seats(id);
    clock.advance(10 * MINUTE_MS);
    await assert.rejects(cinema.book(id, ann), { code: "NOT_HELD" });
    assert.deepEqual(await cinema.seats(id), before);
    assert.deepEqual((await own(ann)).bookings, []);
  });

  test("happens once, however often it is asked for", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1"], ann);
    const input = { screeningId: id };
    const first = await cinema.call("cinema.book", input, ann, "click");
    assert.deepEqual(await cinema.call("cinema.book", input, ann, "click"), first);
    await assert.rejects(cinema.call("cinema.book", input, ann, "another"), { code: "NOT_HELD" });
    assert.equal((await own(ann)).bookings.length, 1);
  });

  test("ends when the screening starts", async () => {
    const startsAtMs = clock.nowMs() + MINUTE_MS;
    const { id } = await cinema.newScreening(gridPlan(1, 4), { startsAtMs });
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1"], ann);
    clock.advance(MINUTE_MS);
    await assert.rejects(cinema.book(id, ann), { code: "SCREENING_STARTED" });
  });
});

describe("cinema.cancelBooking", () => {
  test("frees the seats, once", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["A1", "A2"], ann);
    const booking = await cinema.book(id, ann);
    const watcher = await cinema.watch(id);
    assert.deepEqual(await cancel(booking.id, ann), { ...booking, status: "cancelled" });
    assert.deepEqual(watcher.seats, {});
    await cinema.hold(id, ["A1"], ben);
    assert.deepEqual(await cancel(booking.id, ann), { ...booking, status: "cancelled" });
    assert.deepEqual(Object.keys(await cinema.seats(id)), ["A1"]);
  });

  test("does not know other people's bookings", async () => {
    const { id } = await cinema.newScreening(gridPlan(2, 6));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1"], ann);
    const booking = await cinema.book(id, ann);
    const refusal = { code: "BOOKING_NOT_FOUND", kind: "not_found" };
    await assert.rejects(cancel(booking.id, cinema.newPerson()), refusal);
    await assert.rejects(cancel(booking.id, cinema.operator), refusal);
    await assert.rejects(cancel(cinema.harness.ports.ids.uuid(), ann), refusal);
    assert.equal((await cinema.seats(id))["A1"]?.state, "booked");
  });

  test("is possible until the screening starts", async () => {
    const startsAtMs = clock.nowMs() + MINUTE_MS;
    const { id } = await cinema.newScreening(gridPlan(1, 4), { startsAtMs });
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1"], ann);
    const booking = await cinema.book(id, ann);
    clock.advance(MINUTE_MS);
    await assert.rejects(cancel(booking.id, ann), { code: "SCREENING_STARTED" });
  });
});

describe("cinema.myBookings", () => {
  test("pages from the newest to the oldest", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 6));
    const ann = cinema.newPerson();
    const made: string[] = [];
    for (const seatId of ["A1", "A2", "A3"]) {
      await cinema.hold(id, [seatId], ann);
      made.unshift((await cinema.book(id, ann)).id);
    }
    const first = await own(ann, { limit: 2 });
    assert.deepEqual(
      first.bookings.map((booking) => booking.id),
      made.slice(0, 2),
    );
    assert.equal(first.more, true);
    const rest = await own(ann, { limit: 2, before: made[1] });
    assert.deepEqual(
      rest.bookings.map((booking) => booking.id),
      made.slice(2),
    );
    assert.equal(rest.more, false);
  });

  test("lists live holds only", async () => {
    const { id, title, startsAtMs } = await cinema.newScreening(gridPlan(1, 6));
    const ann = cinema.newPerson();
    const hold = await cinema.hold(id, ["A2", "A1"], ann);
    assert.deepEqual((await own(ann)).holds, [{ ...hold, title, startsAtMs }]);
    assert.deepEqual((await own(cinema.newPerson())).holds, []);
    clock.advance(10 * MINUTE_MS);
    assert.deepEqual((await own(ann)).holds, []);
  });
});
