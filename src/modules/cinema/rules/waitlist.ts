import { SEATS_PER_PERSON_MAX } from "../types.ts";
import { bestAvailable } from "./best-available.ts";
import { HOLD_MS } from "./hold.ts";
import type { PlanIndex } from "./plan-index.ts";

/** Places in the waiting list of one screening. */
export const WAITING_PER_SCREENING_MAX = 10_000;

/** Waiting lists one person may be in at a time. */
export const WAITING_PER_PERSON_MAX = 20;

/** Somebody who waits, and what they have in the screening by now. */
export interface WaitingPerson {
  readonly accountId: string;
  /** Seats still wanted. */
  readonly count: number;
  /** Seats held and booked. */
  readonly seatsNow: number;
  /** Until when their present hold can be extended; null when they hold nothing. */
  readonly extendableUntilMs: number | null;
}

export interface Offer {
  readonly accountId: string;
  readonly seatIds: readonly string[];
}

/**
 * Who is offered which of the seats that came free.
 *
 * A seat goes to the first in line as soon as it is free: somebody who waits for four is offered
 * the first two at once and stays in line for the others, so no seat stands empty for a group that
 * may never be complete, and nobody behind is served before. Passed over, and keeping their place,
 * are only those who cannot take a seat now: they have as many as one person may have, or their
 * hold ends too soon to give them the full time. Accessible places are not offered, because nobody
 * in line has asked for one.
 */
export function assignOffers(
  line: readonly WaitingPerson[],
  freed: readonly string[],
  index: PlanIndex,
  nowMs: number,
): Offer[] {
  const left = new Set(
    freed.filter((seatId) => {
      const seat = index.places.get(seatId)?.seat;
      return seat !== undefined && seat.accessible !== true;
    }),
  );
  const offers: Offer[] = [];
  for (const person of line) {
    const room = SEATS_PER_PERSON_MAX - person.seatsNow;
    const count = Math.min(person.count, room, left.size);
    if (left.size === 0) break;
    if (count <= 0 || (person.extendableUntilMs ?? Infinity) < nowMs + HOLD_MS) continue;
    const proposal = bestAvailable(index, (id) => left.has(id), { count, accessible: 0 }, 0);
    if (proposal === null) throw new Error("There are as many seats as are offered.");
    for (const seatId of proposal.seatIds) left.delete(seatId);
    offers.push({ accountId: person.accountId, seatIds: proposal.seatIds });
  }
  return offers;
}
