import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { giveBack } from "../store/seats.ts";
import type { Counts } from "../types.ts";
import { announceCounts, announceSeats, freeSeats, heldSeats } from "./announce.ts";

/**
 * Gives seats of one state back and tells everybody: they are free, or, while people wait, held by
 * nobody until the sweeper offers them.
 */
export async function giveBackSeats(
  tx: Tx,
  events: Events,
  screening: { readonly screeningId: string; readonly cinemaId: number },
  seatIds: readonly string[],
  state: Exclude<keyof Counts, "free">,
  nowMs: number,
): Promise<void> {
  const { freed, kept } = await giveBack(tx, screening.screeningId, seatIds, nowMs);
  const changes = [...freeSeats(freed), ...heldSeats(kept, undefined, nowMs)];
  announceSeats(events, screening.screeningId, changes);
  const by = { free: freed.length, held: kept.length, booked: 0, blocked: 0 };
  by[state] -= changes.length;
  announceCounts(events, screening, by);
}
