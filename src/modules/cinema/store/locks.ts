import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/**
 * Who waits for whom. Locks are taken in this order, so that nobody waits in a circle:
 *
 * 1. the programme, by whoever changes halls and screenings
 * 2. the screening: shared by all who keep or give back single seats of it; alone by whoever needs
 *    its seats to stand still (taking seats, the sweeper, joining the waiting list, changing the
 *    plan). Who takes seats has waited for the turn of the screening's batches before, which nobody
 *    else does (`core/gathering.ts`)
 * 3. the person in the screening, so that a person's own calls take turns and the limit of seats
 *    holds
 * 4. rows, seats in the order of their labels
 *
 * They are advisory locks and not row locks: a shared lock on one row is a write to that row by
 * everybody who takes it, and a row lock can be starved by a stream of sharers, an advisory one
 * cannot.
 */

/** Locks a person's calls in a screening against each other, and against who needs it alone. */
export async function enterScreening(
  tx: Tx,
  screeningId: string,
  accountId: string,
): Promise<void> {
  await sql`
    select
      pg_advisory_xact_lock_shared(hashtextextended(${screeningKey(screeningId)}, 0)),
      pg_advisory_xact_lock(hashtextextended(${`cinema.person.${screeningId}.${accountId}`}, 0))
  `.execute(tx.as());
}

/** Locks a screening for what concerns no person's own hold. */
export async function shareScreening(tx: Tx, screeningId: string): Promise<void> {
  await sql`
    select pg_advisory_xact_lock_shared(hashtextextended(${screeningKey(screeningId)}, 0))
  `.execute(tx.as());
}

/** Waits until nobody is changing seats of these screenings, and keeps everybody out. */
export async function lockScreenings(tx: Tx, screeningIds: readonly string[]): Promise<void> {
  const keys = [...screeningIds].sort().map(screeningKey);
  await sql`
    select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${keys}::text[]) as key
  `.execute(tx.as());
}

/** Operators change cinemas, halls and screenings one after the other. */
export async function lockProgramme(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('cinema.programme', 0))`.execute(tx.as());
}

function screeningKey(screeningId: string): string {
  return `cinema.screening.${screeningId}`;
}
