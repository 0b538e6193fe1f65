import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Cinema, Hall, Plan } from "../types.ts";
import type { CinemaTables } from "./tables.ts";

/** What operators change. The programme's lock is held (`locks.ts`). */

export async function cinemaExists(tx: Tx, cinemaId: number): Promise<boolean> {
  const row = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_cinemas")
    .select("id")
    .where("id", "=", cinemaId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function countCinemas(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from cinema_cinemas
  `.execute(tx.as());
  return rows[0]?.count ?? 0;
}

/** Answers the number the database gave it. */
export async function insertCinema(tx: Tx, cinema: Omit<Cinema, "id">): Promise<number> {
  const { id } = await tx
    .as<CinemaTables>()
    .insertInto("cinema_cinemas")
    .values(cinema)
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Answers whether there is such a cinema. */
export async function updateCinema(tx: Tx, { id, ...fields }: Cinema): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .as<CinemaTables>()
    .updateTable("cinema_cinemas")
    .set(fields)
    .where("id", "=", id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface HallRow {
  readonly id: string;
  readonly cinemaId: number;
  readonly name: string;
  readonly planId: string;
}

export async function findHallRow(tx: Tx, hallId: string): Promise<HallRow | null> {
  const row = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_halls")
    .select(["id", "cinema_id as cinemaId", "name", "plan_id as planId"])
    .where("id", "=", hallId)
    .executeTakeFirst();
  return row ?? null;
}

export async function findHall(tx: Tx, hallId: string): Promise<Hall | null> {
  const row = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_halls as hall")
    .innerJoin("cinema_plans as plan", "plan.id", "hall.plan_id")
    .select([
      "hall.id",
      "hall.cinema_id as cinemaId",
      "hall.name",
      "plan.seat_count as seatCount",
      "plan.plan",
    ])
    .where("hall.id", "=", hallId)
    .executeTakeFirst();
  return row ?? null;
}

export async function countHalls(tx: Tx, cinemaId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from cinema_halls where cinema_id = ${cinemaId}
  `.execute(tx.as());
  return rows[0]?.count ?? 0;
}

export async function insertPlan(
  tx: Tx,
  planId: string,
  plan: Plan,
  seatCount: number,
): Promise<void> {
  await sql`
    insert into cinema_plans (id, seat_count, plan)
    values (${planId}, ${seatCount}, ${JSON.stringify(plan)}::json)
  `.execute(tx.as());
}

/** @throws Error when there is no such plan: who asks has its id from a row that refers to it */
export async function getPlan(tx: Tx, planId: string): Promise<Plan> {
  const { plan } = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_plans")
    .select("plan")
    .where("id", "=", planId)
    .executeTakeFirstOrThrow();
  return plan;
}

export async function upsertHall(tx: Tx, hall: HallRow): Promise<void> {
  const { id, cinemaId, name, planId } = hall;
  await tx
    .as<CinemaTables>()
    .insertInto("cinema_halls")
    .values({ id, cinema_id: cinemaId, name, plan_id: planId })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ name, plan_id: planId }))
    .execute();
}

/** A screening that has not started. */
export interface UpcomingScreening {
  readonly id: string;
  readonly title: string;
  readonly startsAtMs: number;
  readonly prices: Readonly<Record<string, number>>;
}

export async function listUpcoming(
  tx: Tx,
  hallId: string,
  nowMs: number,
): Promise<UpcomingScreening[]> {
  const rows = await tx
    .as<CinemaTables>()
    .selectFrom("cinema_screenings")
    .select(["id", "title", "starts_at", "prices"])
    .where("hall_id", "=", hallId)
    .where("starts_at", ">", new Date(nowMs))
    .orderBy("starts_at")
    .orderBy("id")
    .execute();
  return rows.map(({ starts_at, ...row }) => ({ ...row, startsAtMs: starts_at.getTime() }));
}

/** Seats that are not free, by screening; `inUse` when somebody has booked or still holds it. */
export interface OccupiedSeat {
  readonly screeningId: string;
  readonly seatId: string;
  readonly state: "held" | "booked" | "blocked";
  readonly inUse: boolean;
}

export async function listOccupied(
  tx: Tx,
  screeningIds: readonly string[],
  nowMs: number,
): Promise<OccupiedSeat[]> {
  const { rows } = await sql<OccupiedSeat>`
    select screening_id as "screeningId", seat_id as "seatId", state,
      state = 'booked' or (state = 'held' and until > ${new Date(nowMs)}) as "inUse"
    from cinema_taken_seats
    where screening_id = any (${screeningIds}::uuid[])
    order by screening_id, seat_id
  `.execute(tx.as());
  return rows;
}

export async function setPlan(
  tx: Tx,
  screeningIds: readonly string[],
  planId: string,
): Promise<void> {
  await sql`
    update cinema_screenings set plan_id = ${planId}
    where id = any (${screeningIds}::uuid[])
  `.execute(tx.as());
}

export interface ScreeningRow {
  readonly id: string;
  readonly cinemaId: number;
  readonly hallId: string;
  readonly planId: string;
  readonly title: string;
  readonly description: string;
  readonly startsAtMs: number;
  readonly durationMinutes: number;
  readonly currency: string;
  readonly prices: Readonly<Record<string, number>>;
}

/** Everything but the cinema may change. */
export async function upsertScreening(tx: Tx, screening: ScreeningRow): Promise<void> {
  const fields = {
    hall_id: screening.hallId,
    plan_id: screening.planId,
    title: screening.title,
    description: screening.description,
    starts_at: new Date(screening.startsAtMs),
    duration_minutes: screening.durationMinutes,
    currency: screening.currency,
    prices: sql<Record<string, number>>`${JSON.stringify(screening.prices)}::json`,
  };
  await tx
    .as<CinemaTables>()
    .insertInto("cinema_screenings")
    .values({ id: screening.id, cinema_id: screening.cinemaId, ...fields })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(fields))
    .execute();
}
