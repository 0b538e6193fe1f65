import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { freshTerms, type HoldTerms, takeableSinceMs } from "../rules/hold.ts";

export interface Claim {
  readonly screeningId: string;
  readonly accountId: string;
  readonly seatIds: readonly string[];
  readonly nowMs: number;
  /** Offered from the waiting list. */
  readonly offered: boolean;
}

export interface Claimed {
  readonly cinemaId: number;
  readonly planId: string;
  readonly startsAtMs: number;
  /** Of the whole hold, the seats it had before included. */
  readonly terms: HoldTerms;
  /** Whether a part of the hold was offered from the waiting list. */
  readonly offered: boolean;
  /** Seats that were free. */
  readonly fresh: readonly string[];
  /** Seats that were the person's own, or whose hold was over. */
  readonly takenOver: readonly string[];
  /** The person's other held seats; they end together with the claimed ones. */
  readonly kept: readonly string[];
  /** Seats that could not be had. */
  readonly lost: readonly string[];
  /** Held and booked by the person, without the seats asked for. */
  readonly seatsNow: number;
}

interface ClaimRow {
  readonly cinema_id: number;
  readonly plan_id: string;
  readonly starts_at: Date;
  readonly until: Date;
  readonly extendable_until: Date;
  readonly offered: boolean;
  readonly fresh: string[];
  readonly taken_over: string[];
  readonly kept: string[];
  readonly blocking: string[];
  readonly seats_now: number;
}

/**
 * Takes the seats for the person in one statement, which also decides by timestamp whether the hold
 * of somebody else is over. The person's lock in the screening must be held (`locks.ts`).
 *
 * The caller holds the answer against the rules and throws when something is lost: the rollback
 * takes back what was had. A seat that is visibly taken keeps the statement from writing at all, so
 * that losing is cheap; one that is taken while the statement runs is found by the primary key.
 *
 * @returns null when there is no such screening
 */
export async function claimSeats(tx: Tx, claim: Claim): Promise<Claimed | null> {
  const { rows } = await claimStatement(claim).execute(tx.as());
  const row = rows[0];
  if (row === undefined) return null;
  const had = new Set([...row.fresh, ...row.taken_over]);
  return {
    cinemaId: row.cinema_id,
    planId: row.plan_id,
    startsAtMs: row.starts_at.getTime(),
    terms: {
      untilMs: row.until.getTime(),
      extendableUntilMs: row.extendable_until.getTime(),
    },
    offered: row.offered,
    fresh: row.fresh,
    takenOver: row.taken_over,
    kept: row.kept,
    lost:
      row.blocking.length > 0 ? row.blocking : claim.seatIds.filter((seatId) => !had.has(seatId)),
    seatsNow: row.seats_now,
  };
}

function claimStatement({ screeningId, accountId, seatIds, nowMs, offered }: Claim) {
  const fresh = freshTerms(nowMs);
  const now = sql`${new Date(nowMs)}::timestamptz`;
  const isOver = sql`taken.until <= (select since from takeable)`;
  const isOwn = sql`
    coalesce(taken.account_id = ${accountId}::uuid and taken.until > ${now}, false)
  `;
  return sql<ClaimRow>`
    with screening as (
      select cinema_id, plan_id, starts_at from cinema_screenings where id = ${screeningId}
    ), takeable as (
      select case
        when exists (select from cinema_waitings where screening_id = ${screeningId})
        then ${new Date(takeableSinceMs(nowMs, true))}::timestamptz
        else ${new Date(takeableSinceMs(nowMs, false))}::timestamptz
      end as since
    ), mine as (
      select
        count(*) filter (where seat_id <> all (${seatIds}::text[]))::int as seats,
        max(until) as until,
        max(extendable_until) as extendable_until
      from cinema_taken_seats
      where screening_id = ${screeningId} and account_id = ${accountId}
        and (state = 'booked' or until > ${now})
    ), terms as (
      select
        greatest(until, least(
          ${new Date(fresh.untilMs)}::timestamptz,
          coalesce(extendable_until, ${new Date(fresh.extendableUntilMs)}::timestamptz)
        )) as until,
        coalesce(extendable_until, ${new Date(fresh.extendableUntilMs)}::timestamptz)
          as extendable_until
      from mine
    ), blocking as (
      select seat_id from cinema_taken_seats as taken
      where screening_id = ${screeningId} and seat_id = any (${seatIds}::text[])
        and not (state = 'held' and (${isOwn} or ${isOver}))
    ), claimed as (
      insert into cinema_taken_seats as taken
        (screening_id, seat_id, state, account_id, until, extendable_until, offered)
      select ${screeningId}, seat_id, 'held', ${accountId}, until, extendable_until, ${offered}
      from screening, terms, unnest(${seatIds}::text[]) as asked (seat_id)
      where starts_at > ${now} and not exists (select from blocking)
      order by seat_id collate "C"
      on conflict (screening_id, seat_id) do update set
        account_id = excluded.account_id,
        until = excluded.until,
        extendable_until = excluded.extendable_until,
        offered = excluded.offered or (${isOwn} and taken.offered),
        taken_over = true
      where taken.state = 'held' and (${isOwn} or ${isOver})
      returning seat_id, offered, taken_over
    ), kept as (
      update cinema_taken_seats as other set until = terms.until from terms
      where other.screening_id = ${screeningId} and other.account_id = ${accountId}
        and other.state = 'held' and other.until > ${now}
        and other.seat_id <> all (${seatIds}::text[]) and not exists (select from blocking)
      returning other.seat_id, other.offered
    )
    select cinema_id, plan_id, starts_at, terms.until, terms.extendable_until,
      exists (select from claimed where offered) or exists (select from kept where offered)
        as offered,
      array (select seat_id from claimed where not taken_over) as fresh,
      array (select seat_id from claimed where taken_over) as taken_over,
      array (select seat_id from kept) as kept,
      array (select seat_id from blocking) as blocking,
      mine.seats as seats_now
    from screening, terms, mine
  `;
}
