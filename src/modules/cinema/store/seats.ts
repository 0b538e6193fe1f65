import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { TakenSeat } from "../rules/claims.ts";
import { takeableSinceMs } from "../rules/hold.ts";
import type { CinemaTables } from "./tables.ts";

/** A seat that is not free, as maps show it. */
type ShownSeat = Pick<TakenSeat, "seatId" | "state" | "accountId" | "untilMs">;

/** The seats of a screening that are not free, as they are recorded. */
export async function listTakenSeats(tx: Tx, screeningId: string): Promise<ShownSeat[]> {
  const rows = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_taken_seats")
    .select(["seat_id", "state", "account_id", "until"])
    .where("screening_id", "=", screeningId)
    .execute();
  return rows.map((row) => ({
    seatId: row.seat_id,
    state: row.state,
    accountId: row.account_id,
    untilMs: row.until?.getTime() ?? null,
  }));
}

/** What became of seats that were given back. */
export interface GivenBack {
  /** Free for anybody. */
  readonly freed: string[];
  /** Held by nobody until the sweeper offers them to those who wait. */
  readonly kept: string[];
}

/**
 * Gives seats back, whatever their state. While people wait, the seats become holds of nobody that
 * are over at this moment: the waiting list has the first claim to those.
 */
export async function giveBack(
  tx: Tx,
  screeningId: string,
  seatIds: readonly string[],
  nowMs: number,
): Promise<GivenBack> {
  if (seatIds.length === 0) return { freed: [], kept: [] };
  const { rows } = await sql<GivenBack>`
    with line as (
      select exists (select from cinema_waitings where screening_id = ${screeningId}) as waits
    ), seats as (
      select seat_id from cinema_taken_seats
      where screening_id = ${screeningId} and seat_id = any (${seatIds}::text[])
      order by seat_id
      for update
    ), freed as (
      delete from cinema_taken_seats as taken using seats, line
      where taken.screening_id = ${screeningId} and taken.seat_id = seats.seat_id and not waits
      returning taken.seat_id
    ), kept as (
      update cinema_taken_seats as taken set
        state = 'held', account_id = null, booking_id = null, offered = false,
        until = ${new Date(nowMs)}, extendable_until = ${new Date(nowMs)}
      from seats, line
      where taken.screening_id = ${screeningId} and taken.seat_id = seats.seat_id and waits
      returning taken.seat_id
    )
    select array (select seat_id from freed) as freed, array (select seat_id from kept) as kept
  `.execute(tx.as());
  return rows[0] ?? { freed: [], kept: [] };
}

/** What blocking did. */
export interface Blocked {
  /** Seats that were free. */
  readonly fresh: string[];
  /** Seats whose hold was over. */
  readonly takenOver: string[];
  /** Seats that somebody has. */
  readonly lost: string[];
}

/** Blocks seats that are free or whose hold is over; blocked ones stay as they are. */
export async function blockSeats(
  tx: Tx,
  screeningId: string,
  seatIds: readonly string[],
  nowMs: number,
): Promise<Blocked> {
  const { rows } = await sql<{ seat_id: string; taken_over: boolean }>`
    insert into cinema_taken_seats as taken (screening_id, seat_id, state)
    select ${screeningId}, seat_id, 'blocked' from unnest(${seatIds}::text[]) as asked (seat_id)
    order by seat_id collate "C"
    on conflict (screening_id, seat_id) do update set
      state = 'blocked', account_id = null, until = null, extendable_until = null,
      offered = false, taken_over = true
    where taken.state = 'held' and taken.until <= ${new Date(nowMs)}
    returning seat_id, taken_over
  `.execute(tx.as());
  const had = new Map(rows.map((row) => [row.seat_id, row.taken_over]));
  const missed = seatIds.filter((seatId) => !had.has(seatId));
  const blocked = new Set(await lockBlockedSeats(tx, screeningId, missed));
  return {
    fresh: seatIds.filter((seatId) => had.get(seatId) === false),
    takenOver: seatIds.filter((seatId) => had.get(seatId) === true),
    lost: missed.filter((seatId) => !blocked.has(seatId)),
  };
}

/** Those of the seats that are blocked, locked. */
export async function lockBlockedSeats(
  tx: Tx,
  screeningId: string,
  seatIds: readonly string[],
): Promise<string[]> {
  if (seatIds.length === 0) return [];
  const rows = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_taken_seats")
    .select("seat_id")
    .where("screening_id", "=", screeningId)
    .where(sql<boolean>`seat_id = any (${seatIds}::text[])`)
    .where("state", "=", "blocked")
    .orderBy("seat_id")
    .forUpdate()
    .execute();
  return rows.map((row) => row.seat_id);
}

/** Screenings with holds that are over, at most so many. */
export async function listOverdueScreenings(
  tx: Tx,
  nowMs: number,
  screeningsMax: number,
): Promise<string[]> {
  const rows = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_taken_seats")
    .select("screening_id")
    .distinct()
    .where("state", "=", "held")
    .where("until", "<=", new Date(nowMs))
    .limit(screeningsMax)
    .execute();
  return rows.map((row) => row.screening_id);
}

/** A hold's seat that was over. */
export interface ExpiredSeat {
  readonly seatId: string;
  /** Null when it had been given back. */
  readonly accountId: string | null;
  readonly offered: boolean;
}

/** Deletes the seats of a screening whose hold is over, at most so many. */
export async function deleteExpiredSeats(
  tx: Tx,
  screeningId: string,
  nowMs: number,
  seatsMax: number,
): Promise<ExpiredSeat[]> {
  const { rows } = await sql<ExpiredSeat>`
    with expired as (
      select seat_id from cinema_taken_seats
      where screening_id = ${screeningId} and state = 'held' and until <= ${new Date(nowMs)}
      order by seat_id
      limit ${seatsMax}
      for update
    )
    delete from cinema_taken_seats as taken using expired
    where taken.screening_id = ${screeningId} and taken.seat_id = expired.seat_id
    returning taken.seat_id as "seatId", taken.account_id as "accountId", taken.offered
  `.execute(tx.as());
  return rows;
}

/** Deletes these seats of a screening and answers which were there. */
export async function deleteSeats(
  tx: Tx,
  screeningId: string,
  seatIds: readonly string[],
): Promise<string[]> {
  if (seatIds.length === 0) return [];
  const rows = await tx
    .as<CinemaTables>()
    .deleteFrom("cinema_taken_seats")
    .where("screening_id", "=", screeningId)
    .where(sql<boolean>`seat_id = any (${seatIds}::text[])`)
    .returning("seat_id")
    .execute();
  return rows.map((row) => row.seat_id);
}

/** What a proposal of seats is made from. */
export interface Occupancy {
  readonly planId: string;
  readonly startsAtMs: number;
  /** Seats nobody can take now. */
  readonly takenSeatIds: string[];
}

/** The seats of a screening that cannot be taken, in one query; null when there is none. */
export async function findOccupancy(
  tx: Tx,
  screeningId: string,
  nowMs: number,
): Promise<Occupancy | null> {
  const { rows } = await sql<{ plan_id: string; starts_at: Date; taken: string[] }>`
    select plan_id, starts_at, array (
      select seat_id from cinema_taken_seats as taken
      where taken.screening_id = screening.id and not (taken.state = 'held' and taken.until <= case
        when exists (select from cinema_waitings as line where line.screening_id = screening.id)
        then ${new Date(takeableSinceMs(nowMs, true))}::timestamptz
        else ${new Date(takeableSinceMs(nowMs, false))}::timestamptz
      end)
    ) as taken
    from cinema_screenings as screening
    where id = ${screeningId}
  `.execute(tx.as());
  const row = rows[0];
  if (row === undefined) return null;
  return { planId: row.plan_id, startsAtMs: row.starts_at.getTime(), takenSeatIds: row.taken };
}
