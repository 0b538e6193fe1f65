import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { FAILURES_KEPT_MS } from "../rules/throttle.ts";
import { auth } from "./tables.ts";

/** Rows that one run deletes of each kind; what is left over goes with the next run. */
const ROWS_MAX = 1_000;
const PLACES_KEPT_MS = 90 * 24 * 60 * 60_000;

/** Deletes what has no meaning any more, except for sessions, whose end others hear of. */
export async function trimTables(tx: Tx, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  const throttlesBefore = new Date(nowMs - FAILURES_KEPT_MS);
  const placesBefore = new Date(nowMs - PLACES_KEPT_MS);
  await sql`
    delete from auth_throttles where lane in (
      select lane from auth_throttles where last_at < ${throttlesBefore}
      limit ${ROWS_MAX} for update skip locked
    )
  `.execute(auth(tx));
  await sql`
    delete from auth_mail_tokens where token_hash in (
      select token_hash from auth_mail_tokens where expires_at <= ${now}
      limit ${ROWS_MAX} for update skip locked
    )
  `.execute(auth(tx));
  await sql`delete from auth_operator_tokens where expires_at <= ${now}`.execute(auth(tx));
  await sql`
    delete from auth_places where (account_id, network, user_agent) in (
      select account_id, network, user_agent from auth_places where seen_at < ${placesBefore}
      limit ${ROWS_MAX} for update skip locked
    )
  `.execute(auth(tx));
}
