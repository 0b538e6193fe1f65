import { HOLD_MS, HOLD_TOTAL_MS } from "../../../src/modules/cinema/rules/hold.ts";
import { SEATS_PER_PERSON_MAX } from "../../../src/modules/cinema/types.ts";
import type { RecordedEvent, SeatRow, Tables, WaitingRow } from "./snapshot.ts";
import { type Circumstances, judgeTransition } from "./transitions.ts";

/** What must be true of every transaction, whoever caused it. Each answers what is wrong. */

export type CircumstancesOf = (screeningId: string) => Circumstances;

/** One place in one screening. */
function placeOf({ screeningId, seatId }: SeatRow): string {
  return `${screeningId} ${seatId}`;
}

/** Every seat took a step that is open to it. */
export function judgeSeats(
  before: Tables,
  after: Tables,
  circumstancesOf: CircumstancesOf,
): string | undefined {
  const earlier = new Map(before.seats.map((seat) => [placeOf(seat), seat]));
  const later = new Map(after.seats.map((seat) => [placeOf(seat), seat]));
  for (const place of new Set([...earlier.keys(), ...later.keys()])) {
    const [was, is] = [earlier.get(place), later.get(place)];
    const screeningId = (was ?? is)?.screeningId ?? "";
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const circumstances = circumstancesOf(screeningId);
    const wrong =
      judgeTransition(was, is, circumstances) ??
      judgeTerms(was, is, before, circumstances.latestMs);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** A hold ends within ten minutes, and within thirty of its beginning. */
function judgeTerms(
  was: SeatRow | undefined,
  is: SeatRow | undefined,
  before: Tables,
  latestMs: number,
): string | undefined {
  if (is?.state !== "held" || is.accountId === null) return undefined;
  const [untilMs, totalMs] = [is.untilMs ?? 0, is.extendableUntilMs ?? 0];
  if (totalMs > latestMs + HOLD_TOTAL_MS) return `A hold lives too long: ${JSON.stringify(is)}`;
  if (untilMs > totalMs) return `A hold outlives itself: ${JSON.stringify(is)}`;
  // Seats that are added to a hold end with it, also when clocks were set back meanwhile.
  const own = before.seats.filter(
    ({ screeningId, accountId, state }) =>
      screeningId === is.screeningId && accountId === is.accountId && state === "held",
  );
  if (untilMs > Math.max(latestMs + HOLD_MS, ...own.map((seat) => seat.untilMs ?? 0))) {
    return `A hold ends too late: ${JSON.stringify(is)}`;
  }
  const isSameHold = was?.accountId === is.accountId && (was.untilMs ?? 0) > latestMs;
  if (isSameHold && totalMs > (was.extendableUntilMs ?? 0)) {
    return `A hold got a later end: ${JSON.stringify(was)} → ${JSON.stringify(is)}`;
  }
  return undefined;
}

/** Nobody has more seats than one person may have. */
export function judgeLimits(after: Tables, latestMs: number): string | undefined {
  const seats = new Map<string, number>();
  for (const { screeningId, accountId, state, untilMs } of after.seats) {
    const counts = state === "booked" || (state === "held" && (untilMs ?? 0) > latestMs);
    if (accountId === null || !counts) continue;
    const person = `${screeningId} ${accountId}`;
    const count = (seats.get(person) ?? 0) + 1;
    if (count > SEATS_PER_PERSON_MAX) return `${accountId} has ${count} seats`;
    seats.set(person, count);
  }
  return undefined;
}

/** Booked seats and bookings are the same thing told twice. */
export function judgeBookings({ seats, bookings }: Tables): string | undefined {
  const byBooking = Map.groupBy(
    seats.filter(({ state }) => state === "booked"),
    ({ bookingId }) => bookingId ?? "",
  );
  for (const { id, status, seatIds, accountId, screeningId } of bookings) {
    const booked = byBooking.get(id) ?? [];
    byBooking.delete(id);
    const expected = status === "booked" ? [...seatIds].sort() : [];
    const found = booked.map(({ seatId }) => seatId).sort();
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      return `Booking ${id} (${status}) is of ${expected}, and these are booked: ${found}`;
    }
    const isOther = (seat: SeatRow) =>
      seat.accountId !== accountId || seat.screeningId !== screeningId;
    if (booked.some(isOther)) return `Seats of booking ${id} belong to somebody else`;
  }
  const [stray] = byBooking.keys();
  return stray === undefined ? undefined : `Seats are booked under ${stray}, which is no booking`;
}

/** The line keeps its order; who joins stands at its end. */
export function judgeLine(before: Tables, after: Tables): string | undefined {
  const nameOf = ({ screeningId, accountId }: WaitingRow) => `${screeningId} ${accountId}`;
  const [was, is] = [before.line.map(nameOf), after.line.map(nameOf)];
  const stayed = was.filter((name) => is.includes(name));
  const expected = [...stayed, ...is.filter((name) => !was.includes(name))];
  if (JSON.stringify(is) === JSON.stringify(expected)) return undefined;
  return `The line went from ${was} to ${is}`;
}

/** Whoever is passed over in the line could not have taken a seat. */
export function judgeOffers(
  events: readonly RecordedEvent[],
  before: Tables,
  tagOf: (accountId: string, screeningId: string) => string,
  latestMs: number,
  earliestMs: number,
): string | undefined {
  const offers = events
    .filter(({ type }) => type === "cinema.offer")
    .map(({ data }) => data as { screeningId: string; to: string; seatIds: readonly string[] });
  for (const { screeningId, to } of offers) {
    for (const waiting of before.line) {
      if (waiting.screeningId !== screeningId) continue;
      const tag = tagOf(waiting.accountId, screeningId);
      if (tag === to) break;
      const given = offers.find((offer) => offer.to === tag)?.seatIds.length ?? 0;
      if (given >= waiting.count) continue;
      const own = before.seats.filter(
        (seat) => seat.screeningId === screeningId && seat.accountId === waiting.accountId,
      );
      const isLive = ({ untilMs }: SeatRow) => (untilMs ?? 0) > earliestMs;
      const had = own.filter((seat) => seat.state === "booked" || isLive(seat)).length;
      const isFull = had + given >= SEATS_PER_PERSON_MAX;
      const endsSoon = own.some(
        (seat) => isLive(seat) && (seat.extendableUntilMs ?? 0) < latestMs + HOLD_MS,
      );
      // Who let an offer lapse leaves the line with the sweep that ends it.
      const isLapsed = own.some((seat) => seat.offered && (seat.untilMs ?? 0) <= latestMs);
      if (!isFull && !endsSoon && !isLapsed) return `${tag} was passed over for ${to}`;
    }
  }
  return undefined;
}
