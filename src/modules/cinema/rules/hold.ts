/**
 * A hold belongs to a person in a screening. Its seats end together: ten minutes after the last one
 * was added or the hold was extended, but no later than thirty minutes after the first.
 */

/** How long a hold lives after its last seat or extension. */
export const HOLD_MS = 10 * 60_000;

/** How long a hold lives at the most, from its first seat. */
export const HOLD_TOTAL_MS = 30 * 60_000;

/**
 * While people wait for seats of a screening, a hold that is over belongs to the waiting list for
 * so long before anybody may take its seats: the sweeper offers them well within it, and if no
 * sweeper runs, time alone sets them free.
 */
export const WAITLIST_GRACE_MS = 2_000;

export interface HoldTerms {
  readonly untilMs: number;
  readonly extendableUntilMs: number;
}

/** A hold that begins now. */
export function freshTerms(nowMs: number): HoldTerms {
  return { untilMs: nowMs + HOLD_MS, extendableUntilMs: nowMs + HOLD_TOTAL_MS };
}

/**
 * Since when a hold must be over for somebody else to take its seats.
 *
 * @param waiting whether people wait for seats of the screening
 */
export function takeableSinceMs(nowMs: number, waiting: boolean): number {
  return waiting ? nowMs - WAITLIST_GRACE_MS : nowMs;
}
