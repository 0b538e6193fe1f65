import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { freshTerms, type HoldTerms } from "../rules/hold.ts";
import type { CinemaTables } from "./tables.ts";

/** A person's live hold. */
export interface LiveHold {
  readonly seatIds: string[];
  readonly terms: HoldTerms;
  readonly offered: boolean;
}

interface HoldRow {
  readonly seat_ids: string[];
  readonly until: Date;
  readonly extendable_until: Date;
  readonly offered: boolean;
}

function toHold(row: HoldRow): LiveHold {
  return {
    seatIds: row.seat_ids,
    terms: {
      untilMs: row.until.getTime(),
      extendableUntilMs: row.extendable_until.getTime(),
    },
    offered: row.offered,
  };
}

/** The seats of the person's hold, locked; null when it is over or there is none. */
export async function lockHold(
  tx: Tx,
  screeningId: string,
  accountId: string,
  nowMs: number,
): Promise<LiveHold | null> {
  const { rows } = await sql<HoldRow>`
    with mine as (
      select seat_id, until, extendable_until, offered from cinema_taken_seats
      where screening_id = ${screeningId} and account_id = ${accountId}
        and state = 'held' and until > ${new Date(nowMs)}
      order by seat_id
      for update
    )
    select array_agg(seat_id) as seat_ids, min(until) as until,
      min(extendable_until) as extendable_until, bool_or(offered) as offered
    from mine
    having count(*) > 0
  `.execute(tx.as());
  return rows[0] === undefined ? null : toHold(rows[0]);
}

/** Moves the end of a hold as far as it goes; null when it is over or there is none. */
export async function extendSeats(
  tx: Tx,
  screeningId: string,
  accountId: string,
  nowMs: number,
): Promise<{ readonly hold: LiveHold; readonly changed: boolean } | null> {
  const { untilMs } = freshTerms(nowMs);
  const { rows } = await sql<HoldRow & { readonly changed: boolean }>`
    with mine as (
      select seat_id, until as until_before from cinema_taken_seats
      where screening_id = ${screeningId} and account_id = ${accountId}
        and state = 'held' and until > ${new Date(nowMs)}
      order by seat_id
      for update
    ), extended as (
      update cinema_taken_seats as seat
      set until = greatest(until, least(${new Date(untilMs)}::timestamptz, extendable_until))
      from mine
      where seat.screening_id = ${screeningId} and seat.seat_id = mine.seat_id
      returning seat.seat_id, until_before, until, extendable_until, offered
    )
    select array_agg(seat_id order by seat_id) as seat_ids, min(until) as until,
      min(extendable_until) as extendable_until, bool_or(offered) as offered,
      bool_or(until > until_before) as changed
    from extended
    having count(*) > 0
  `.execute(tx.as());
  const row = rows[0];
  return row === undefined ? null : { hold: toHold(row), changed: row.changed };
}

/**
 * Locks seats the person holds, also those whose time is over: all of them, or those named.
 */
export async function lockHeldSeats(
  tx: Tx,
  screeningId: string,
  accountId: string,
  seatIds: readonly string[] | undefined,
): Promise<Array<{ readonly seatId: string; readonly offered: boolean }>> {
  let query = tx
    .as<CinemaTables>()
    .selectFrom("cinema_taken_seats")
    .select(["seat_id as seatId", "offered"])
    .where("screening_id", "=", screeningId)
    .where("account_id", "=", accountId)
    .where("state", "=", "held");
  if (seatIds !== undefined) query = query.where(sql<boolean>`seat_id = any (${seatIds}::text[])`);
  return query.orderBy("seat_id").forUpdate().execute();
}

/** A live hold as its person sees it in the list of their own. */
export interface ListedHold extends LiveHold {
  readonly screeningId: string;
  readonly title: string;
  readonly startsAtMs: number;
}

/** Every live hold of a person, at most `holdsMax`, by the screenings' time. */
export async function listHolds(
  tx: Tx,
  accountId: string,
  nowMs: number,
  holdsMax: number,
): Promise<ListedHold[]> {
  const { rows } = await sql<
    HoldRow & { readonly screening_id: string; readonly title: string; readonly starts_at: Date }
  >`
    select screening_id, title, starts_at, array_agg(seat_id order by seat_id) as seat_ids,
      min(until) as until, min(extendable_until) as extendable_until, bool_or(offered) as offered
    from cinema_taken_seats
    join cinema_screenings as screening on screening.id = screening_id
    where account_id = ${accountId} and state = 'held' and until > ${new Date(nowMs)}
    group by screening_id, title, starts_at
    order by starts_at, screening_id
    limit ${holdsMax}
  `.execute(tx.as());
  return rows.map((row) => ({
    ...toHold(row),
    screeningId: row.screening_id,
    title: row.title,
    startsAtMs: row.starts_at.getTime(),
  }));
}
