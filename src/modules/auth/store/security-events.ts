import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { SecurityEvent } from "../types.ts";
import { auth } from "./tables.ts";

/** Kept of each account; older ones make room. */
const EVENTS_PER_ACCOUNT_MAX = 200;

export async function insertSecurityEvent(tx: Tx, accountId: string, event: SecurityEvent) {
  await auth(tx)
    .insertInto("auth_security_events")
    .values({
      id: event.id,
      account_id: accountId,
      kind: event.kind,
      address: event.address,
      user_agent: event.userAgent,
      happened_at: new Date(event.atMs),
    })
    .execute();
  await sql`
    delete from auth_security_events where account_id = ${accountId} and id <= (
      select id from auth_security_events where account_id = ${accountId}
      order by id desc offset ${EVENTS_PER_ACCOUNT_MAX} limit 1
    )
  `.execute(auth(tx));
}

/** The newest first, from `before` on backwards; ids are in the order of time. */
export async function listSecurityEvents(
  tx: Tx,
  accountId: string,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<SecurityEvent[]> {
  const rows = await auth(tx)
    .selectFrom("auth_security_events")
    .selectAll()
    .where("account_id", "=", accountId)
    .$if(before !== undefined, (query) => query.where("id", "<", before ?? ""))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    address: row.address,
    userAgent: row.user_agent,
    atMs: row.happened_at.getTime(),
  }));
}
