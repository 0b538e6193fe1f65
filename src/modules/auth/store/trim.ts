import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { FAILURES_KEPT_MS } from "../rules/throttle.ts";
import { auth } from "./tables.ts";

/** Rows of each table that one transaction deletes, so that none of them is long. */
export const TRIMMED_ROWS_MAX = 1_000;
const PLACES_KEPT_MS = 90 * 24 * 60 * 60_000;

/**
 * Deletes what has no meaning any more, except for sessions, whose end others hear of. Answers how
 * many rows went from the table that lost most: at the bound, there may be more.
 */
export async function trimTables(tx: Tx, nowMs: number): Promise<number> {
  const now = new Date(nowMs);
  const throttlesBefore = new Date(nowMs - FAILURES_KEPT_MS);
  const placesBefore = new Date(nowMs - PLACES_KEPT_MS);
  const statements = [
    sql`
      delete from auth_throttles where lane in (
        select lane from auth_throttles where last_at < ${throttlesBefore}
        limit ${TRIMMED_ROWS_MAX} for update skip locked
      )
    `,
    sql`
      delete from auth_mail_tokens where token_hash in (
        select token_hash from auth_mail_tokens where expires_at <= ${now}
        limit ${TRIMMED_ROWS_MAX} for update skip locked
      )
    `,
    sql`
      delete from auth_email_undos where token_hash in (
        select token_hash from auth_email_undos where expires_at <= ${now}
        limit ${TRIMMED_ROWS_MAX} for update skip locked
      )
    `,
    sql`
      delete from auth_operator_tokens where token_hash in (
        select token_hash from auth_operator_tokens where expires_at <= ${now}
        limit ${TRIMMED_ROWS_MAX} for update skip locked
      )
    `,
    sql`
      delete from auth_places where (account_id, network, user_agent) in (
        select account_id, network, user_agent from auth_places where seen_at < ${placesBefore}
        limit ${TRIMMED_ROWS_MAX} for update skip locked
      )
    `,
  ];
  let most = 0;
  for (const statement of statements) {
    const { numAffectedRows = 0n } = await statement.execute(auth(tx));
    most = Math.max(most, Number(numAffectedRows));
  }
  return most;
}
