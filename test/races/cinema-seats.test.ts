import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import type { StreamEvent } from "../../src/core/event-log.ts";
import type { Booking, Counts, Hold, ScreeningSummary } from "../../src/modules/cinema/types.ts";
import { type CinemaFixture, createCinemaFixture, gridPlan } from "../support/cinema-fixture.ts";
import { crowd } from "../support/crowd.ts";
import { SERVER_URL, testDatabase } from "../support/database.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { waitFor } from "../support/wait-for.ts";

const skip = SERVER_URL === undefined && "races need a PostgreSQL server: set DATABASE_URL";
const MINUTE_MS = 60_000;
/** Calls in flight: more than connections, fewer than the pipeline refuses. */
const AT_ONCE = 200;

const open: CinemaFixture[] = [];
after(async () => {
  for (const fixture of open) await fixture[Symbol.asyncDispose]();
});

async function node(options: Parameters<typeof createCinemaFixture>[0] = {}) {
  const fixture = await createCinemaFixture({ database: await testDatabase(), ...options });
  open.push(fixture);
  return fixture;
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Spreads numbers over a range, the same in every run. */
function scatter(i: number, range: number): number {
  return Math.floor((((i + 1) * 2_654_435_761) % 2 ** 32) / (2 ** 32 / range));
}

/** Every seat has the owner its holds and bookings say, and no seat is in two of them. */
function assertOwners(holds: readonly Hold[], seats: Readonly<Record<string, unknown>>): void {
  const held = holds.flatMap(({ seatIds }) => seatIds);
  assert.equal(new Set(held).size, held.length, "a seat was given twice");
  assert.deepEqual([...held].sort(), Object.keys(seats).sort());
}

async function bookingsOf(cinema: CinemaFixture, person: Person): Promise<Booking[]> {
  const own = await cinema.call<{ bookings: Booking[] }>("cinema.myBookings", {}, person);
  return own.bookings.filter(({ status }) => status === "booked");
}

describe("a race for seats", { skip }, () => {
  test("of 1,000 for one seat is won by one", async () => {
    const cinema = await node();
    const { id } = await cinema.newScreening(gridPlan(1, 1));
    const { answers, refusals } = await crowd(
      times(1_000, () => () => cinema.hold(id, ["A1"], cinema.newPerson())),
      AT_ONCE,
    );
    assert.equal(answers.length, 1);
    assert.deepEqual([...refusals], [["SEAT_TAKEN", 999]]);
    assertOwners(answers, await cinema.seats(id));
  });

  test("of 5,000 for fifty seats is won by fifty, on two nodes", async () => {
    const exchange: MemoryExchange = new Set();
    const nodes = [await node({ exchange }), await node({ exchange })] as const;
    const { id } = await nodes[0].newScreening(gridPlan(5, 10));
    const watcher = await nodes[1].watch(id);
    const { answers, refusals } = await crowd(
      times(5_000, (i) => () => {
        const seatId = `${"ABCDE"[scatter(i, 5)]}${1 + (i % 10)}`;
        const cinema = i % 2 === 0 ? nodes[0] : nodes[1];
        return cinema.hold(id, [seatId], cinema.newPerson());
      }),
      AT_ONCE,
    );
    assert.equal(answers.length, 50);
    assert.deepEqual([...refusals], [["SEAT_TAKEN", 4_950]]);
    const seats = await nodes[0].seats(id);
    assertOwners(answers, seats);
    const heard = () => Object.keys(watcher.seats).length === 50;
    await waitFor(heard, { what: "the other node's watcher hears it all" });
    assert.deepEqual(watcher.seats, seats);
    assert.equal(watcher.isLost, false);
  });

  test("for overlapping sets of seats gives each person all of theirs or nothing", async () => {
    const cinema = await node();
    const { id } = await cinema.newScreening(gridPlan(2, 12));
    const watcher = await cinema.watch(id);
    const label = (i: number) => `${i < 12 ? "A" : "B"}${1 + (i % 12)}`;
    const { answers } = await crowd(
      times(600, (i) => () => {
        const wanted = new Set(times(4, (k) => label(scatter(i * 4 + k, 24))));
        return cinema.hold(id, [...wanted], cinema.newPerson());
      }),
      AT_ONCE,
    );
    const seats = await cinema.seats(id);
    assertOwners(answers, seats);
    assert.ok(answers.length >= 2);
    assert.deepEqual(watcher.seats, seats);
  });

  test("does not let one person have more than ten", async () => {
    const cinema = await node();
    const { id } = await cinema.newScreening(gridPlan(4, 10));
    const ann = cinema.newPerson();
    const { answers, refusals } = await crowd(
      times(40, (i) => () => cinema.hold(id, [`${"ABCD"[i % 4]}${1 + Math.floor(i / 4)}`], ann)),
    );
    assert.equal(answers.length, 10);
    assert.deepEqual([...refusals], [["SEAT_LIMIT", 30]]);
    assert.equal(Object.keys(await cinema.seats(id)).length, 10);
  });

  test("between booking, the hold's end, who takes it over, and the sweeper has one winner", async () => {
    const clock = createManualClock(Date.now());
    const cinema = await node({ clock });
    const { id } = await cinema.newScreening(gridPlan(4, 10), {
      startsAtMs: clock.nowMs() + 100 * 60 * MINUTE_MS,
    });
    const watcher = await cinema.watch(id);
    const ROUNDS = 40;
    const winners = { booked: 0, takenOver: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const seatId = `${"ABCD"[round % 4]}${1 + Math.floor(round / 4)}`;
      const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
      await cinema.hold(id, [seatId], ann);
      clock.advance(10 * MINUTE_MS - 1);
      let answered = false;
      const book = () => cinema.book(id, ann).finally(() => (answered = true));
      const calls = [book, () => cinema.hold(id, [seatId], ben), () => cinema.sweep()];
      if (round % 2 === 0) calls.reverse();
      const running = crowd<unknown>(calls);
      // The hold ends while they are under way: at once in the first round, after all in the last.
      for (let turn = 0; turn < round * 3 || (round === ROUNDS - 1 && !answered); turn += 1) {
        await setImmediate();
      }
      clock.advance(1);
      await running;
      const seat = (await cinema.seats(id))[seatId];
      const booked = (await bookingsOf(cinema, ann)).length === 1;
      assert.equal(seat?.state === "booked", booked);
      if (booked) winners.booked += 1;
      else if (seat !== undefined) winners.takenOver += 1;
    }
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    assert.ok(winners.booked > 0 && winners.takenOver > 0, JSON.stringify(winners));
  });

  test("of a person with themselves books a seat or gives it back, never both", async () => {
    const cinema = await node();
    const { id } = await cinema.newScreening(gridPlan(4, 10));
    const watcher = await cinema.watch(id);
    for (let round = 0; round < 20; round += 1) {
      const seatId = `${"ABCD"[round % 4]}${1 + Math.floor(round / 4)}`;
      const ann = cinema.newPerson();
      await cinema.hold(id, [seatId], ann);
      const release = () => cinema.call("cinema.release", { screeningId: id }, ann);
      const book = () => cinema.book(id, ann);
      await crowd<unknown>(round % 2 === 0 ? [release, book, book] : [book, book, release]);
      const seat = (await cinema.seats(id))[seatId];
      const bookings = await bookingsOf(cinema, ann);
      assert.equal(bookings.length, seat === undefined ? 0 : 1);
      const cancel = () => cinema.call("cinema.cancelBooking", { bookingId: bookings[0]!.id }, ann);
      if (bookings.length === 1) await crowd<unknown>([cancel, cancel, cancel]);
    }
    assert.deepEqual(await cinema.seats(id), {});
    assert.deepEqual(watcher.seats, {});
  });
});

describe("a race with the operator", { skip }, () => {
  test("blocks seats or holds them, and the counts add up", async () => {
    const cinema = await node();
    const { id, ...screening } = await cinema.newScreening(gridPlan(3, 10));
    const counts = await followCounts(cinema, id);
    const watcher = await cinema.watch(id);
    const seatIds = times(30, (i) => `${"ABC"[i % 3]}${1 + Math.floor(i / 3)}`);
    const block = (from: number, blocked: boolean) => () =>
      cinema.call(
        "cinema.blockSeats",
        { screeningId: id, seatIds: seatIds.slice(from, from + 3), blocked },
        cinema.operator,
      );
    const rename = (i: number) => () => {
      const { cinemaId, hallName, ...fields } = screening;
      const input = { ...fields, id, title: `Title ${i}` };
      return cinema.call("cinema.saveScreening", input, cinema.operator);
    };
    const calls = times(400, (i): (() => Promise<unknown>) => {
      if (i % 10 === 0) return block(scatter(i, 27), i % 20 === 0);
      if (i % 25 === 1) return rename(i);
      const person = cinema.newPerson();
      const wanted = times(2, (k) => seatIds[scatter(i * 2 + k, 30)]!);
      return async () => {
        const hold = await cinema.hold(id, [...new Set(wanted)], person);
        if (i % 3 === 0) await cinema.call("cinema.release", { screeningId: id }, person);
        return hold;
      };
    });
    await crowd(calls, AT_ONCE);
    const seats = await cinema.seats(id);
    assert.deepEqual(watcher.seats, seats);
    const count = (state: string) => Object.values(seats).filter((s) => s.state === state).length;
    const [held, blocked] = [count("held"), count("blocked")];
    assert.deepEqual(counts(), { free: 30 - held - blocked, held, booked: 0, blocked });
  });

  test("never leaves somebody with a seat that the new plan does not have", async () => {
    const cinema = await node();
    for (let round = 0; round < 10; round += 1) {
      const { id, hallId } = await cinema.newScreening(gridPlan(2, 10));
      const { cinemaId } = cinema;
      const hall = { id: hallId, cinemaId, name: "Hall", plan: gridPlan(1, 10) };
      const save = () => cinema.call("cinema.saveHall", hall, cinema.operator);
      const holds = times(10, (i) => () => cinema.hold(id, [`B${i + 1}`], cinema.newPerson()));
      const { refusals } = await crowd<unknown>([
        ...holds.slice(0, round),
        save,
        ...holds.slice(round),
      ]);
      const seats = Object.keys(await cinema.seats(id));
      if (refusals.has("PLAN_IN_USE")) assert.equal(seats.length, 10);
      else assert.deepEqual(seats, []);
    }
  });
});

describe("a race for the waiting list", { skip }, () => {
  test("leaves no seat free while somebody waits", async () => {
    const cinema = await node();
    for (let round = 0; round < 10; round += 1) {
      const { id } = await cinema.newScreening(gridPlan(1, 8));
      const owners = times(4, () => cinema.newPerson());
      const bookings: Array<{ bookingId: string; owner: Person }> = [];
      for (const [i, owner] of owners.entries()) {
        await cinema.hold(id, [`A${i * 2 + 1}`, `A${i * 2 + 2}`], owner);
        bookings.push({ bookingId: (await cinema.book(id, owner)).id, owner });
      }
      const waiting = times(6, () => cinema.newPerson());
      const passerBy = cinema.newPerson();
      const joins = waiting.map(
        (person) => () => cinema.call("cinema.joinWaitlist", { screeningId: id }, person),
      );
      const cancels = bookings.map(
        ({ bookingId, owner }) =>
          () =>
            cinema.call("cinema.cancelBooking", { bookingId }, owner),
      );
      const snatches = times(8, (i) => () => cinema.hold(id, [`A${i + 1}`], passerBy));
      await crowd<unknown>(
        times(8, (i) => [cancels[i], joins[i], snatches[i], () => cinema.sweep()])
          .flat()
          .filter((call) => call !== undefined),
      );
      await cinema.sweep();
      const free = 8 - Object.keys(await cinema.seats(id)).length;
      const own = await Promise.all(
        waiting.map((person) =>
          cinema.call<{ waiting: unknown[] }>("cinema.myBookings", {}, person),
        ),
      );
      // Nobody joins while a seat is free, and each that came free since went to who waits.
      const left = own.flatMap((list) => list.waiting).length;
      assert.ok(left === 0 || free === 0, `${left} wait while ${free} seats are free`);
    }
  });
});

/** What `cinema.subscribe` says of a screening: its counts at first, and every change since. */
async function followCounts(cinema: CinemaFixture, screeningId: string): Promise<() => Counts> {
  let counts: Counts = { free: 0, held: 0, booked: 0, blocked: 0 };
  const sink = {
    push({ type, data }: StreamEvent) {
      if (type === "cinema.screening") {
        const summary = data as ScreeningSummary;
        if (summary.id === screeningId) counts = { ...summary.counts };
      } else {
        const event = data as { screeningId: string; change: Counts };
        if (event.screeningId !== screeningId) return;
        for (const key of ["free", "held", "booked", "blocked"] as const) {
          counts[key] += event.change[key];
        }
      }
    },
    lost: () => assert.fail("the subscriber was lost"),
  };
  const input = { cinemaId: cinema.cinemaId };
  const { opened } = await cinema.harness.open("cinema.subscribe", input, sink);
  assert.ok(!opened.recovered);
  const { screenings } = opened.state as { screenings: ScreeningSummary[] };
  counts = { ...screenings.find(({ id }) => id === screeningId)!.counts };
  return () => counts;
}
