import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import type { Person } from "../../../core/actor.ts";
import { WAITING_PER_PERSON_MAX } from "../rules/waitlist.ts";
import type { Booking, Hold, Waiting } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

const join = (screeningId: string, as: Person, count?: number) =>
  cinema.call<Waiting>("cinema.joinWaitlist", { screeningId, ...(count && { count }) }, as);
const leave = (screeningId: string, as: Person) =>
  cinema.call("cinema.leaveWaitlist", { screeningId }, as);
const release = (screeningId: string, as: Person, seatIds?: string[]) =>
  cinema.call("cinema.release", { screeningId, ...(seatIds && { seatIds }) }, as);

async function own(as: Person): Promise<{ holds: Hold[]; waiting: Waiting[] }> {
  return cinema.call("cinema.myBookings", {}, as);
}

/** A screening of four seats, all of them booked by one person in bookings of their own. */
async function soldOut() {
  const screening = await cinema.newScreening(gridPlan(1, 4));
  const holder = cinema.newPerson();
  const bookings: Booking[] = [];
  for (const seatId of ["A1", "A2", "A3", "A4"]) {
    await cinema.hold(screening.id, [seatId], holder);
    bookings.push(await cinema.book(screening.id, holder));
  }
  const cancel = (...at: number[]) =>
    Promise.all(
      at.map((i) => cinema.call("cinema.cancelBooking", { bookingId: bookings[i]!.id }, holder)),
    );
  return { screening, id: screening.id, holder, cancel };
}

describe("the waiting list", () => {
  test("is joined in order, and left", async () => {
    const { screening, id } = await soldOut();
    const [ann, ben, eve] = [cinema.newPerson(), cinema.newPerson(), cinema.newPerson()];
    const { title, startsAtMs } = screening;
    assert.deepEqual(await join(id, ann, 2), {
      screeningId: id,
      title,
      startsAtMs,
      count: 2,
      position: 1,
    });
    assert.equal((await join(id, ben)).position, 2);
    assert.equal((await join(id, eve)).position, 3);
    await leave(id, ann);
    await leave(id, ann);
    assert.deepEqual((await own(ann)).waiting, []);
    assert.equal((await own(eve)).waiting[0]?.position, 2);
    // Joining again keeps the place, and changes how many seats are waited for.
    const again = await join(id, ben, 3);
    assert.deepEqual([again.position, again.count], [1, 3]);
    assert.equal((await join(id, ann)).position, 3);
  });

  test("is not joined while as many seats are free", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 4));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2"], cinema.newPerson());
    const refusal = { code: "SEATS_AVAILABLE", data: { free: 2 } };
    await assert.rejects(join(id, ann, 2), refusal);
    assert.equal((await join(id, ann, 3)).position, 1);
  });

  test("does not count accessible places as free", async () => {
    const plan = gridPlan(1, 3);
    plan.sections[0]!.rows[0]!.seats[0]!.accessible = true;
    const { id } = await cinema.newScreening(plan);
    await cinema.hold(id, ["A2", "A3"], cinema.newPerson());
    assert.equal((await join(id, cinema.newPerson())).position, 1);
  });

  test("is for no more seats than a person may have, and for screenings to come", async () => {
    const { id, holder } = await soldOut();
    await assert.rejects(join(id, holder, 7), {
      code: "SEAT_LIMIT",
      data: { seatsMax: 10, seatsNow: 4 },
    });
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(join(nowhere, holder), { code: "SCREENING_NOT_FOUND" });
    clock.advance(60 * MINUTE_MS);
    await assert.rejects(join(id, holder), { code: "SCREENING_STARTED" });
  });

  test("is joined in so many screenings at a time and no more", async () => {
    const plan = gridPlan(1, 1);
    const hallId = await cinema.newHall(plan);
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    const ids: string[] = [];
    for (let i = 0; i <= WAITING_PER_PERSON_MAX; i += 1) {
      const { id } = await cinema.newScreening(plan, { hallId });
      await cinema.hold(id, ["A1"], ben);
      ids.push(id);
    }
    const last = ids.pop() ?? "";
    for (const id of ids) await join(id, ann);
    assert.equal((await own(ann)).waiting.length, WAITING_PER_PERSON_MAX);
    const refusal = { code: "WAITLIST_LIMIT", data: { max: WAITING_PER_PERSON_MAX } };
    await assert.rejects(join(last, ann), refusal);
    assert.equal((await join(ids[0] ?? "", ann)).position, 1);
    await leave(ids[0] ?? "", ann);
    assert.equal((await join(last, ann)).position, 1);
  });

  test("is offered a seat that comes free, for ten minutes", async () => {
    const { id, cancel } = await soldOut();
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await join(id, ann);
    await join(id, ben);
    const watcher = await cinema.watch(id, ann);
    await cancel(1);
    await cinema.sweep();
    const { holds, waiting } = await own(ann);
    assert.deepEqual(waiting, []);
    assert.equal(holds[0]?.offered, true);
    assert.deepEqual(holds[0]?.seatIds, ["A2"]);
    assert.equal(holds[0]?.untilMs, clock.nowMs() + 10 * MINUTE_MS);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    const offer = watcher.events.find(({ type }) => type === "cinema.offer");
    assert.deepEqual(offer?.data, {
      screeningId: id,
      to: watcher.seats["A2"]?.by,
      seatIds: ["A2"],
      untilMs: holds[0]?.untilMs,
    });
    assert.equal((await cinema.book(id, ann)).seatIds.length, 1);
    assert.equal((await own(ben)).waiting[0]?.position, 1);
  });

  test("is passed on when the offer runs out", async () => {
    const { id, cancel } = await soldOut();
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await join(id, ann, 2);
    await join(id, ben);
    await cancel(0);
    await cinema.sweep();
    // Ann waits for a second seat still, until she lets the first one lapse.
    assert.equal((await own(ann)).waiting[0]?.count, 1);
    clock.advance(10 * MINUTE_MS);
    await cinema.sweep();
    assert.deepEqual(await own(ann), { bookings: [], holds: [], waiting: [], more: false });
    assert.deepEqual((await own(ben)).holds[0]?.seatIds, ["A1"]);
    clock.advance(10 * MINUTE_MS);
    await cinema.sweep();
    assert.equal((await cinema.seats(id))["A1"], undefined);
  });

  test("is passed on when the offer is declined", async () => {
    const { id, cancel } = await soldOut();
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await join(id, ann, 2);
    await join(id, ben);
    await cancel(0);
    await cinema.sweep();
    await release(id, ann);
    assert.deepEqual((await own(ann)).waiting, []);
    await cinema.sweep();
    assert.deepEqual((await own(ben)).holds[0]?.seatIds, ["A1"]);
  });

  test("serves a party of two piece by piece, before who came later", async () => {
    const { id, cancel } = await soldOut();
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await join(id, ann, 2);
    await join(id, ben);
    await cancel(0);
    await cinema.sweep();
    clock.advance(5 * MINUTE_MS);
    await cancel(1);
    await cinema.sweep();
    const { holds } = await own(ann);
    assert.deepEqual(holds[0]?.seatIds, ["A1", "A2"]);
    assert.equal(holds[0]?.untilMs, clock.nowMs() + 10 * MINUTE_MS);
    assert.deepEqual((await own(ben)).holds, []);
  });

  test("comes before passers-by, who see the seat as held", async () => {
    const { id, cancel } = await soldOut();
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await join(id, ann);
    const watcher = await cinema.watch(id);
    await cancel(2);
    assert.deepEqual(watcher.seats["A3"], { state: "held", untilMs: clock.nowMs() });
    await assert.rejects(cinema.hold(id, ["A3"], ben), { code: "SEAT_TAKEN" });
    clock.advance(1_999);
    await assert.rejects(cinema.hold(id, ["A3"], ben), { code: "SEAT_TAKEN" });
    // No sweeper came: then time alone sets the seat free.
    clock.advance(1);
    assert.deepEqual((await cinema.hold(id, ["A3"], ben)).seatIds, ["A3"]);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
  });

  test("also gets what runs out and what is put back on sale", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 2));
    await cinema.hold(id, ["A1"], cinema.newPerson());
    const block = (blocked: boolean) =>
      cinema.call(
        "cinema.blockSeats",
        { screeningId: id, seatIds: ["A2"], blocked },
        cinema.operator,
      );
    await block(true);
    const ann = cinema.newPerson();
    await join(id, ann, 2);
    clock.advance(10 * MINUTE_MS);
    await block(false);
    await cinema.sweep();
    assert.deepEqual((await own(ann)).holds[0]?.seatIds, ["A1", "A2"]);
  });

  test("is forgotten when the screening has started", async () => {
    const { id, cancel } = await soldOut();
    const ann = cinema.newPerson();
    await join(id, ann);
    await cancel(0);
    clock.advance(60 * MINUTE_MS);
    await cinema.sweep();
    assert.equal((await cinema.seats(id))["A1"], undefined);
    assert.deepEqual((await own(ann)).waiting, []);
  });
});
