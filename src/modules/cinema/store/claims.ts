import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { HeldSeat, TakenSeat } from "../rules/claims.ts";

/** A screening as far as claims of its seats depend on it. */
export interface Claimable {
  readonly cinemaId: number;
  readonly planId: string;
  readonly startsAtMs: number;
  /** Whether people wait for seats. */
  readonly waiting: boolean;
  /** Those of the seats that are not free, and all seats of the people. */
  readonly taken: readonly TakenSeat[];
}

interface ClaimableRow extends Omit<Claimable, "startsAtMs" | "taken"> {
  readonly startsAt: Date;
  readonly seatId: string | null;
  readonly state: TakenSeat["state"];
  readonly accountId: string | null;
  readonly until: Date | null;
  readonly extendableUntil: Date | null;
  readonly offered: boolean;
}

/** What claims are decided by (`rules/claims.ts`), in one query; null without such a screening. */
export async function findClaimable(
  tx: Tx,
  screeningId: string,
  seatIds: readonly string[],
  accountIds: readonly string[],
): Promise<Claimable | null> {
  const { rows } = await sql<ClaimableRow>`
    select screening.cinema_id as "cinemaId", screening.plan_id as "planId",
      screening.starts_at as "startsAt",
      exists (select from cinema_waitings as line where line.screening_id = screening.id)
        as waiting,
      taken.seat_id as "seatId", taken.state, taken.account_id as "accountId", taken.until,
      taken.extendable_until as "extendableUntil", taken.offered
    from cinema_screenings as screening
    left join cinema_taken_seats as taken on taken.screening_id = screening.id
      and (
        taken.seat_id = any (${seatIds}::text[])
        or taken.account_id = any (${accountIds}::uuid[])
      )
    where screening.id = ${screeningId}
  `.execute(tx.as());
  const [first] = rows;
  if (first === undefined) return null;
  const { cinemaId, planId, startsAt, waiting } = first;
  const taken = rows.flatMap(({ seatId, state, accountId, until, extendableUntil, offered }) =>
    seatId === null
      ? []
      : {
          seatId,
          state,
          accountId,
          untilMs: until?.getTime() ?? null,
          extendableUntilMs: extendableUntil?.getTime() ?? null,
          offered,
        },
  );
  return { cinemaId, planId, startsAtMs: startsAt.getTime(), waiting, taken };
}

/**
 * Records seats as held, whether they were free, or in a hold before. The screening must be locked
 * since they were looked at (`locks.ts`).
 */
export async function saveHeldSeats(
  tx: Tx,
  screeningId: string,
  seats: readonly HeldSeat[],
): Promise<void> {
  if (seats.length === 0) return;
  const times = (of: (seat: HeldSeat) => number) =>
    seats.map((seat) => new Date(of(seat)).toISOString());
  const { numAffectedRows } = await sql`
    insert into cinema_taken_seats as taken
      (screening_id, seat_id, state, account_id, until, extendable_until, offered)
    select ${screeningId}, seat_id, 'held', account_id, until, extendable_until, offered
    from unnest(
      ${seats.map(({ seatId }) => seatId)}::text[],
      ${seats.map(({ accountId }) => accountId)}::uuid[],
      ${times(({ untilMs }) => untilMs)}::timestamptz[],
      ${times(({ extendableUntilMs }) => extendableUntilMs)}::timestamptz[],
      ${seats.map(({ offered }) => offered)}::boolean[]
    ) as given (seat_id, account_id, until, extendable_until, offered)
    order by seat_id collate "C"
    on conflict (screening_id, seat_id) do update set
      account_id = excluded.account_id,
      until = excluded.until,
      extendable_until = excluded.extendable_until,
      offered = excluded.offered
    where taken.state = 'held'
  `.execute(tx.as());
  if (Number(numAffectedRows ?? 0n) < seats.length) {
    throw new Error("A screening changed while it was locked.");
  }
}
