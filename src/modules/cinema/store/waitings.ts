import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { WaitingPerson } from "../rules/waitlist.ts";
import type { Waiting } from "../types.ts";
import type { CinemaTables } from "./tables.ts";

/** Puts a person into the line; who is in it already keeps the place and waits for `count`. */
export async function upsertWaiting(
  tx: Tx,
  screeningId: string,
  accountId: string,
  count: number,
): Promise<void> {
  await tx
    .as<CinemaTables>()
    .insertInto("cinema_waitings")
    .values({ screening_id: screeningId, account_id: accountId, count })
    .onConflict((conflict) =>
      conflict.columns(["screening_id", "account_id"]).doUpdateSet({ count }),
    )
    .execute();
}

/** What decides whether a person may join the line. */
export interface LineFacts {
  /** Seats that are not free, without the accessible places. */
  readonly taken: number;
  /** Held and booked by the person. */
  readonly seatsNow: number;
  /** How many wait in the screening. */
  readonly waiting: number;
  /** In how many other screenings to come the person waits. */
  readonly waitingElsewhere: number;
}

export async function getLineFacts(
  tx: Tx,
  screeningId: string,
  accountId: string,
  accessibleSeatIds: readonly string[],
  nowMs: number,
): Promise<LineFacts> {
  const { rows } = await sql<LineFacts>`
    select (
      select count(*)::int from cinema_taken_seats
      where screening_id = ${screeningId} and seat_id <> all (${accessibleSeatIds}::text[])
    ) as taken, (
      select count(*)::int from cinema_taken_seats
      where screening_id = ${screeningId} and account_id = ${accountId}
        and (state = 'booked' or until > ${new Date(nowMs)})
    ) as "seatsNow", (
      select count(*)::int from cinema_waitings where screening_id = ${screeningId}
    ) as waiting, (
      select count(*)::int from cinema_waitings
      join cinema_screenings as screening on screening.id = screening_id
      where account_id = ${accountId} and screening_id <> ${screeningId}
        and starts_at > ${new Date(nowMs)}
    ) as "waitingElsewhere"
  `.execute(tx.as());
  const [facts] = rows;
  if (facts === undefined) throw new Error("A query of counts answers a row.");
  return facts;
}

/** Where a person waits, for screenings to come; of one screening, or of all. */
export async function listWaitings(
  tx: Tx,
  accountId: string,
  nowMs: number,
  screeningId?: string,
): Promise<Waiting[]> {
  const one = screeningId === undefined ? sql`true` : sql`mine.screening_id = ${screeningId}`;
  const { rows } = await sql<Omit<Waiting, "startsAtMs"> & { readonly startsAt: Date }>`
    select mine.screening_id as "screeningId", title, starts_at as "startsAt", mine.count, (
      select count(*)::int from cinema_waitings as other
      where other.screening_id = mine.screening_id and other.place <= mine.place
    ) as position
    from cinema_waitings as mine
    join cinema_screenings as screening on screening.id = mine.screening_id
    where mine.account_id = ${accountId} and starts_at > ${new Date(nowMs)} and ${one}
    order by starts_at, mine.screening_id
  `.execute(tx.as());
  return rows.map(({ startsAt, ...row }) => ({ ...row, startsAtMs: startsAt.getTime() }));
}

/** Takes people out of the line, those who are not in it too. */
export async function deleteWaitings(
  tx: Tx,
  screeningId: string,
  accountIds: readonly string[],
): Promise<void> {
  if (accountIds.length === 0) return;
  await tx
    .as<CinemaTables>()
    .deleteFrom("cinema_waitings")
    .where("screening_id", "=", screeningId)
    .where(sql<boolean>`account_id = any (${accountIds}::uuid[])`)
    .execute();
}

/** The line from its head on, with what each has in the screening by now. */
export async function listLine(
  tx: Tx,
  screeningId: string,
  nowMs: number,
  personsMax: number,
): Promise<WaitingPerson[]> {
  const { rows } = await sql<
    Omit<WaitingPerson, "extendableUntilMs"> & { readonly extendableUntil: Date | null }
  >`
    select waiting.account_id as "accountId", waiting.count, seats as "seatsNow",
      extendable_until as "extendableUntil"
    from cinema_waitings as waiting, lateral (
      select count(*)::int as seats, max(extendable_until) as extendable_until
      from cinema_taken_seats as taken
      where taken.screening_id = waiting.screening_id and taken.account_id = waiting.account_id
        and (taken.state = 'booked' or taken.until > ${new Date(nowMs)})
    ) as mine
    where waiting.screening_id = ${screeningId}
    order by place
    limit ${personsMax}
  `.execute(tx.as());
  return rows.map(({ extendableUntil, ...row }) => ({
    ...row,
    extendableUntilMs: extendableUntil?.getTime() ?? null,
  }));
}

/** Counts off seats that were offered; who has been offered all of them leaves the line. */
export async function countOff(
  tx: Tx,
  screeningId: string,
  accountId: string,
  seats: number,
): Promise<void> {
  await sql`
    with left_line as (
      delete from cinema_waitings
      where screening_id = ${screeningId} and account_id = ${accountId} and count <= ${seats}
    )
    update cinema_waitings set count = count - ${seats}
    where screening_id = ${screeningId} and account_id = ${accountId} and count > ${seats}
  `.execute(tx.as());
}

/** Forgets who waited for screenings that have started, at most so many. */
export async function trimWaitings(tx: Tx, nowMs: number, rowsMax: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from cinema_waitings where (screening_id, account_id) in (
      select screening_id, account_id from cinema_waitings
      join cinema_screenings as screening on screening.id = screening_id
      where starts_at <= ${new Date(nowMs)}
      limit ${rowsMax}
      for update of cinema_waitings skip locked
    )
  `.execute(tx.as());
  return Number(numAffectedRows ?? 0n);
}
