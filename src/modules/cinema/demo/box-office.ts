import { fraction, type Random } from "../../../core/random.ts";
import type { PlanIndex, PlanRow } from "../rules/plan-index.ts";

/** Parties as they turn up at the box office: pairs most of all. */
const PARTY_SIZES = [1, 2, 2, 2, 3, 4];

/**
 * Seats sold to parties that sit together, up to a share of the hall. Accessible places and those
 * of companions are left.
 */
export function sellSome(index: PlanIndex, share: number, random: Random): string[][] {
  const isSold = new Set<string>();
  const parties: string[][] = [];
  const wanted = index.seatCount * share;
  // A party may find its seats taken, so there are more tries than parties.
  for (let tries = 0; tries < wanted * 2 && isSold.size < wanted; tries += 1) {
    const row = pick(index.rows, random);
    const size = pick(PARTY_SIZES, random);
    const from = Math.floor(fraction(random) * (row.seats.length - size + 1));
    const party = seatsFrom(row, from, size);
    if (party.length < size || party.some((seatId) => isSold.has(seatId))) continue;
    for (const seatId of party) isSold.add(seatId);
    parties.push(party);
  }
  return parties;
}

/** All seats that a general request could get. */
export function sellAll(index: PlanIndex): string[][] {
  return index.rows
    .map(({ seats }) => seats.filter((seat) => !seat.accessible).map(({ id }) => id))
    .filter((seatIds) => seatIds.length > 0);
}

function seatsFrom({ seats }: PlanRow, from: number, size: number): string[] {
  return seats
    .slice(Math.max(0, from), Math.max(0, from) + size)
    .filter((seat) => !seat.accessible && !seat.companion)
    .map(({ id }) => id);
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(fraction(random) * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from.");
  return item;
}
