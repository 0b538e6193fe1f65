import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Cinema, HallSummary, Screening, ScreeningSummary } from "../types.ts";
import type { CinemaTables } from "./tables.ts";

/** Reads of what is on. The answers are put together by the database in the form of the wire. */

export async function listCinemas(tx: Tx, cinemasMax: number): Promise<Cinema[]> {
  return tx
    .as<CinemaTables>()
    .selectFrom("cinema_cinemas")
    .select(["id", "name", "city", "address"])
    .orderBy("id")
    .limit(cinemasMax)
    .execute();
}

export interface CinemaPage extends Cinema {
  readonly halls: HallSummary[];
  readonly screenings: ScreeningSummary[];
}

const screeningFields = sql`
  'id', screening.id, 'cinemaId', screening.cinema_id, 'hallId', screening.hall_id,
  'hallName', hall.name, 'title', screening.title, 'description', screening.description,
  'startsAtMs', (extract(epoch from screening.starts_at) * 1000)::bigint,
  'durationMinutes', screening.duration_minutes,
  'currency', screening.currency, 'prices', screening.prices
`;

/** A screening with its counts, as JSON of the wire; `screening` is a row of the outer query. */
const summary = sql`
  json_build_object(${screeningFields}, 'counts', (
    select json_build_object(
      'free', plan.seat_count - count(*), 'held', count(*) filter (where state = 'held'),
      'booked', count(*) filter (where state = 'booked'),
      'blocked', count(*) filter (where state = 'blocked')
    )
    from cinema_taken_seats as taken where taken.screening_id = screening.id
  ))
`;

/** A page of a cinema's screenings from a time on, as a JSON array. */
function programmeOf(
  cinemaId: RawBuilder<unknown>,
  fromMs: number,
  screeningsMax: number,
): RawBuilder<unknown> {
  return sql`
    select coalesce(json_agg(${summary} order by screening.starts_at, screening.id), '[]')
    from (
      select * from cinema_screenings
      where cinema_id = ${cinemaId} and starts_at >= ${new Date(fromMs)}
      order by starts_at, id
      limit ${screeningsMax}
    ) as screening
    join cinema_halls as hall on hall.id = screening.hall_id
    join cinema_plans as plan on plan.id = screening.plan_id
  `;
}

/** A cinema with its halls and a page of screenings, in one query; null when there is none. */
export async function findCinemaPage(
  tx: Tx,
  cinemaId: number,
  fromMs: number,
  screeningsMax: number,
): Promise<CinemaPage | null> {
  const { rows } = await sql<CinemaPage>`
    select id, name, city, address, (
      select coalesce(json_agg(
        json_build_object('id', hall.id, 'name', hall.name, 'seatCount', plan.seat_count)
        order by hall.name, hall.id
      ), '[]')
      from cinema_halls as hall join cinema_plans as plan on plan.id = hall.plan_id
      where hall.cinema_id = cinema.id
    ) as halls, (
      ${programmeOf(sql`cinema.id`, fromMs, screeningsMax)}
    ) as screenings
    from cinema_cinemas as cinema where id = ${cinemaId}
  `.execute(tx.as());
  return rows[0] ?? null;
}

/** A page of a cinema's screenings; null when there is no such cinema. */
export async function findProgramme(
  tx: Tx,
  cinemaId: number,
  fromMs: number,
  screeningsMax: number,
): Promise<ScreeningSummary[] | null> {
  const { rows } = await sql<{ screenings: ScreeningSummary[] }>`
    select (${programmeOf(sql`cinema.id`, fromMs, screeningsMax)}) as screenings
    from cinema_cinemas as cinema where id = ${cinemaId}
  `.execute(tx.as());
  return rows[0]?.screenings ?? null;
}

/** These screenings with their counts, by id. */
export async function listSummaries(
  tx: Tx,
  screeningIds: readonly string[],
): Promise<ScreeningSummary[]> {
  const { rows } = await sql<{ screening: ScreeningSummary }>`
    select ${summary} as screening
    from cinema_screenings as screening
    join cinema_halls as hall on hall.id = screening.hall_id
    join cinema_plans as plan on plan.id = screening.plan_id
    where screening.id = any (${screeningIds}::uuid[])
    order by screening.id
  `.execute(tx.as());
  return rows.map(({ screening }) => screening);
}

/** A screening, and what is not on the wire. */
export interface ScreeningFacts {
  readonly screening: Screening;
  readonly cinemaName: string;
  readonly planId: string;
}

export async function findScreening(tx: Tx, screeningId: string): Promise<ScreeningFacts | null> {
  const { rows } = await sql<ScreeningFacts>`
    select json_build_object(${screeningFields}) as screening,
      cinema.name as "cinemaName", screening.plan_id as "planId"
    from cinema_screenings as screening
    join cinema_halls as hall on hall.id = screening.hall_id
    join cinema_cinemas as cinema on cinema.id = screening.cinema_id
    where screening.id = ${screeningId}
  `.execute(tx.as());
  return rows[0] ?? null;
}

/** A screening with its counts and sales. */
export interface Sales {
  readonly screening: ScreeningSummary;
  readonly seatCount: number;
  readonly bookings: number;
  readonly revenueMinor: number;
}

/** Sales of a cinema's screenings that start in [from, to), by time. */
export async function listSales(
  tx: Tx,
  cinemaId: number,
  fromMs: number,
  toMs: number,
  screeningsMax: number,
): Promise<Sales[]> {
  const { rows } = await sql<Omit<Sales, "revenueMinor"> & { readonly revenue: bigint }>`
    select ${summary} as screening, plan.seat_count as "seatCount", sold.bookings, sold.revenue
    from cinema_screenings as screening
    join cinema_halls as hall on hall.id = screening.hall_id
    join cinema_plans as plan on plan.id = screening.plan_id
    cross join lateral (
      select count(*)::int as bookings, coalesce(sum(amount_minor), 0)::bigint as revenue
      from cinema_bookings as booking
      where booking.screening_id = screening.id and booking.status = 'booked'
    ) as sold
    where screening.cinema_id = ${cinemaId}
      and screening.starts_at >= ${new Date(fromMs)} and screening.starts_at < ${new Date(toMs)}
    order by screening.starts_at, screening.id
    limit ${screeningsMax}
  `.execute(tx.as());
  return rows.map(({ revenue, ...row }) => ({ ...row, revenueMinor: Number(revenue) }));
}
