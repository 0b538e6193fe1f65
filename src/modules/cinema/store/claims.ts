import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { freshTerms, type HoldTerms, takeableSinceMs } from "../rules/hold.ts";

/** What somebody wants, and when. */
export interface Claim {
  readonly screeningId: string;
  readonly accountId: string;
  readonly seatIds: readonly string[];
  readonly nowMs: number;
}

/** A screening as far as a claim depends on it. */
export interface Claimable {
  readonly cinemaId: number;
  readonly planId: string;
  readonly startsAtMs: number;
  /** Those of the seats that the person cannot have. */
  readonly blocked: string[];
}

/** `taken` is the person's own, in a hold that lives. */
function isOwn({ accountId, nowMs }: Claim) {
  const now = new Date(nowMs);
  return sql`(taken.account_id = ${accountId}::uuid and taken.until > ${now}::timestamptz)`;
}

/** `taken` is in a hold that is over. */
function isOver({ screeningId, nowMs }: Claim) {
  return sql`taken.until <= case
    when exists (select from cinema_waitings as line where line.screening_id = ${screeningId})
    then ${new Date(takeableSinceMs(nowMs, true))}::timestamptz
    else ${new Date(takeableSinceMs(nowMs, false))}::timestamptz
  end`;
}

/** Looks, without taking anything; null when there is no such screening. */
export async function findClaimable(tx: Tx, claim: Claim): Promise<Claimable | null> {
  const { rows } = await sql<Omit<Claimable, "startsAtMs"> & { readonly startsAt: Date }>`
    select cinema_id as "cinemaId", plan_id as "planId", starts_at as "startsAt", array (
      select seat_id from cinema_taken_seats as taken
      where taken.screening_id = screening.id and taken.seat_id = any (${claim.seatIds}::text[])
        and not (taken.state = 'held' and (coalesce(${isOwn(claim)}, false) or ${isOver(claim)}))
    ) as blocked
    from cinema_screenings as screening where id = ${claim.screeningId}
  `.execute(tx.as());
  const row = rows[0];
  if (row === undefined) return null;
  const { startsAt, ...claimable } = row;
  return { ...claimable, startsAtMs: startsAt.getTime() };
}

export interface Claimed {
  /** Of the whole hold. */
  readonly terms: HoldTerms;
  /** Whether a part of what was claimed is offered from the waiting list. */
  readonly offered: boolean;
  /** Seats that were free. */
  readonly fresh: readonly string[];
  /** Seats that were the person's own, or whose hold was over. */
  readonly takenOver: readonly string[];
  /** Seats that could not be had. */
  readonly lost: readonly string[];
  /** Held and booked by the person, without the seats asked for. */
  readonly seatsNow: number;
  /** Those of them that are held. */
  readonly heldNow: number;
}

interface ClaimRow {
  readonly seats_now: number;
  readonly held_now: number;
  readonly seat_id: string | null;
  readonly until: Date;
  readonly extendable_until: Date;
  readonly offered: boolean;
  readonly taken_over: boolean;
}

/**
 * Takes the seats for the person in one statement, which decides by timestamp whether the hold of
 * somebody else is over. The person's lock in the screening must be held (`locks.ts`).
 *
 * The caller throws when something is lost: the rollback takes back what was had.
 *
 * @returns null, and nothing is taken, when the screening has started or has another plan
 */
export async function claimSeats(
  tx: Tx,
  claim: Claim & {
    readonly planId: string;
    /** Offered from the waiting list. */
    readonly offered: boolean;
  },
): Promise<Claimed | null> {
  const { screeningId, accountId, seatIds, nowMs, planId, offered } = claim;
  const now = sql`${new Date(nowMs)}::timestamptz`;
  const fresh = freshTerms(nowMs);
  const extendableUntil = sql`
    coalesce(mine.extendable_until, ${new Date(fresh.extendableUntilMs)}::timestamptz)
  `;
  const { rows } = await sql<ClaimRow>`
    with screening as (
      select id from cinema_screenings
      where id = ${screeningId} and plan_id = ${planId} and starts_at > ${now}
    ), mine as (
      select
        count(*) filter (where seat_id <> all (${seatIds}::text[]))::int as seats_now,
        count(until) filter (where seat_id <> all (${seatIds}::text[]))::int as held_now,
        max(until) as until,
        max(extendable_until) as extendable_until
      from cinema_taken_seats
      where screening_id = ${screeningId} and account_id = ${accountId}
        and (state = 'booked' or until > ${now})
    ), claimed as (
      insert into cinema_taken_seats as taken
        (screening_id, seat_id, state, account_id, until, extendable_until, offered)
      select screening.id, seat_id, 'held', ${accountId},
        greatest(
          mine.until,
          least(${new Date(fresh.untilMs)}::timestamptz, ${extendableUntil})
        ),
        ${extendableUntil}, ${offered}
      from screening, mine, unnest(${seatIds}::text[]) as asked (seat_id)
      order by seat_id collate "C"
      on conflict (screening_id, seat_id) do update set
        account_id = excluded.account_id,
        until = excluded.until,
        extendable_until = excluded.extendable_until,
        offered = excluded.offered or (taken.offered and ${isOwn(claim)}),
        taken_over = true
      where taken.state = 'held' and (${isOwn(claim)} or ${isOver(claim)})
      returning seat_id, until, extendable_until, offered, taken_over
    )
    select seats_now, held_now, claimed.*
    from screening cross join mine left join claimed on true
  `.execute(tx.as());
  const [first] = rows;
  if (first === undefined) return null;
  const had = first.seat_id === null ? [] : rows;
  const labels = (some: readonly ClaimRow[]) => some.map(({ seat_id }) => seat_id ?? "");
  const hadLabels = new Set(labels(had));
  return {
    terms: {
      untilMs: had.length === 0 ? nowMs : first.until.getTime(),
      extendableUntilMs: had.length === 0 ? nowMs : first.extendable_until.getTime(),
    },
    offered: had.some((row) => row.offered),
    fresh: labels(had.filter((row) => !row.taken_over)),
    takenOver: labels(had.filter((row) => row.taken_over)),
    lost: seatIds.filter((seatId) => !hadLabels.has(seatId)),
    seatsNow: first.seats_now,
    heldNow: first.held_now,
  };
}

/** Lets the person's other held seats end with those just claimed, and answers which they are. */
export async function alignHold(
  tx: Tx,
  { screeningId, accountId, seatIds, nowMs }: Claim,
  untilMs: number,
): Promise<{ readonly seatIds: readonly string[]; readonly offered: boolean }> {
  const { rows } = await sql<{ seat_id: string; offered: boolean }>`
    update cinema_taken_seats set until = ${new Date(untilMs)}
    where screening_id = ${screeningId} and account_id = ${accountId}
      and state = 'held' and until > ${new Date(nowMs)}
      and seat_id <> all (${seatIds}::text[])
    returning seat_id, offered
  `.execute(tx.as());
  return {
    seatIds: rows.map(({ seat_id }) => seat_id),
    offered: rows.some(({ offered }) => offered),
  };
}
