import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { type LaneState, UNTROUBLED } from "../rules/throttle.ts";
import { auth } from "./tables.ts";

export async function findLane(tx: Tx, lane: string): Promise<LaneState> {
  const row = await auth(tx)
    .selectFrom("auth_throttles")
    .select(["failures", "last_at"])
    .where("lane", "=", lane)
    .executeTakeFirst();
  if (row === undefined) return UNTROUBLED;
  return { failures: row.failures, lastAtMs: row.last_at.getTime() };
}

/** Makes the lane when it is not there. */
export async function lockLane(tx: Tx, lane: string): Promise<LaneState> {
  const { rows } = await sql<{ failures: number; last_at: Date }>`
    insert into auth_throttles as lanes (lane, failures, last_at)
    values (${lane}, 0, ${new Date(0)})
    on conflict (lane) do update set failures = lanes.failures
    returning failures, last_at
  `.execute(auth(tx));
  const [row] = rows;
  if (row === undefined) throw new Error("A lane that is made or found comes back.");
  return { failures: row.failures, lastAtMs: row.last_at.getTime() };
}

export async function setLane(tx: Tx, lane: string, state: LaneState): Promise<void> {
  await auth(tx)
    .updateTable("auth_throttles")
    .set({ failures: state.failures, last_at: new Date(state.lastAtMs) })
    .where("lane", "=", lane)
    .execute();
}

/** Takes one failure back. */
export async function relieveLane(tx: Tx, lane: string): Promise<void> {
  await sql`
    update auth_throttles set failures = greatest(failures - 1, 0) where lane = ${lane}
  `.execute(auth(tx));
}

export async function clearLane(tx: Tx, lane: string): Promise<void> {
  await auth(tx).deleteFrom("auth_throttles").where("lane", "=", lane).execute();
}
