import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Booking, Hold, SeatMap } from "../../src/modules/cinema/types.ts";
import { freshDatabase } from "../support/database.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

/**
 * SIGKILL of the real program while people hold and book: what was acknowledged is there
 * afterwards, what is there is consistent, and starting again needs no hand.
 */

const ROUNDS = 4;
/** New ones each round, because nobody gets more than ten seats of a screening. */
const PEOPLE_PER_ROUND = 4;
const ACKNOWLEDGED_MIN = 20;
const LOAD_MS_MAX = 10_000;

type Reply<T> = { status: number; body: T & { code?: string } };

async function call<T>(url: string, name: string, input: object, token?: string) {
  const response = await fetch(`${url}/api/${name}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() } as Reply<T>;
}

/** What the clients were told, by seat. */
interface Ledger {
  readonly holds: Map<string, { by: string; untilMs: number }>;
  readonly bookings: Map<string, { by: string; bookingId: string }>;
}

interface Person {
  readonly name: string;
  readonly token: string;
}

/** Holds and books seats of its own stripe until the server is gone. */
async function takeSeats(
  { url }: ServerProcess,
  person: Person,
  screeningId: string,
  seats: readonly string[],
  ledger: Ledger,
): Promise<void> {
  for (const seatId of seats) {
    try {
      const held = await call<Hold>(
        url,
        "cinema.hold",
        { screeningId, seatIds: [seatId] },
        person.token,
      );
      if (held.status !== 200) continue;
      ledger.holds.set(seatId, { by: person.name, untilMs: held.body.untilMs });
      const booked = await call<Booking>(
        url,
        "cinema.book",
        { screeningId, seatIds: [seatId] },
        person.token,
      );
      if (booked.status !== 200) continue;
      ledger.bookings.set(seatId, { by: person.name, bookingId: booked.body.id });
    } catch {
      return;
    }
  }
}

async function register(url: string, round: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < PEOPLE_PER_ROUND; index += 1) {
    const name = `kill-${process.pid}-${round}-${index}`;
    const { status, body } = await call<{ token: string }>(url, "auth.register", {
      username: name,
      password: "a seat in the dark",
    });
    assert.equal(status, 200, JSON.stringify(body));
    people.push({ name, token: body.token });
  }
  return people;
}

/** The screening with the most free seats, and their labels. */
async function emptiest(url: string): Promise<{ screeningId: string; free: string[] }> {
  type Listed = { screenings: { id: string; startsAtMs: number; counts: { free: number } }[] };
  const best = { id: "", free: 0 };
  const cinemas = await call<{ cinemas: { id: number }[] }>(url, "cinema.list", {});
  for (const { id } of cinemas.body.cinemas) {
    const { body } = await call<Listed>(url, "cinema.getOne", { id });
    for (const { id: screeningId, startsAtMs, counts } of body.screenings) {
      if (startsAtMs < Date.now() + 3_600_000 || counts.free <= best.free) continue;
      Object.assign(best, { id: screeningId, free: counts.free });
    }
  }
  type Shown = {
    seats: SeatMap;
    plan: { sections: { rows: { seats: { id: string }[] }[] }[] };
  };
  const { body } = await call<Shown>(url, "cinema.getScreening", { screeningId: best.id });
  const all = body.plan.sections.flatMap(({ rows }) => rows.flatMap((row) => row.seats));
  const free = all.map(({ id }) => id).filter((id) => body.seats[id] === undefined);
  return { screeningId: best.id, free };
}

describe("killed under load", () => {
  it(`loses nothing that was acknowledged, ${ROUNDS} times`, async () => {
    await using place = await freshDatabase();
    const options = { dataFolder: place.dataFolder, databaseUrl: place.url };
    const ledger: Ledger = { holds: new Map(), bookings: new Map() };
    const everybody: Person[] = [];
    let target: Awaited<ReturnType<typeof emptiest>> | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      await using server = await startServerProcess(options);
      const people = await register(server.url, round);
      everybody.push(...people);
      target ??= await emptiest(server.url);
      const { screeningId, free } = target;
      const untouched = free.filter((seat) => !ledger.holds.has(seat));
      const before = ledger.bookings.size;
      const load = people.map((person, stripe) =>
        takeSeats(
          server,
          person,
          screeningId,
          untouched.filter((_, index) => index % people.length === stripe),
          ledger,
        ),
      );
      const until = performance.now() + LOAD_MS_MAX;
      while (ledger.bookings.size - before < ACKNOWLEDGED_MIN && performance.now() < until) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await server.kill();
      await Promise.all(load);
      assert.ok(ledger.bookings.size - before >= ACKNOWLEDGED_MIN, "the load was too small");
    }
    await using server = await startServerProcess(options);
    await checkAll(server.url, target?.screeningId ?? "", ledger, everybody);
    assert.equal(await server.stop(), 0);
  });
});

/** Holds what the server says now against what the clients were told. */
async function checkAll(
  url: string,
  screeningId: string,
  ledger: Ledger,
  people: readonly Person[],
): Promise<void> {
  const { body } = await call<{ seats: SeatMap }>(url, "cinema.getScreening", { screeningId });
  for (const [seatId, { by }] of ledger.bookings) {
    assert.equal(body.seats[seatId]?.state, "booked", `${seatId}, booked by ${by}`);
  }
  for (const [seatId, { untilMs }] of ledger.holds) {
    if (ledger.bookings.has(seatId) || untilMs < Date.now()) continue;
    assert.ok(body.seats[seatId] !== undefined, `${seatId} was held and is free`);
  }
  const owners = new Map<string, string>();
  for (const person of people) {
    let before: string | undefined;
    for (;;) {
      const { body: page } = await call<{ bookings: Booking[]; more: boolean }>(
        url,
        "cinema.myBookings",
        { limit: 100, ...(before === undefined ? {} : { before }) },
        person.token,
      );
      for (const { seatIds, screeningId: where } of page.bookings) {
        for (const seatId of where === screeningId ? seatIds : []) {
          assert.equal(owners.get(seatId), undefined, `${seatId} has two owners`);
          owners.set(seatId, person.name);
        }
      }
      before = page.bookings.at(-1)?.id;
      if (!page.more) break;
    }
  }
  for (const [seatId, { by }] of ledger.bookings) assert.equal(owners.get(seatId), by, seatId);
}
