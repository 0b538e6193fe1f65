import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

/** Remembered of each account; those not seen for longest make room. */
const PLACES_PER_ACCOUNT_MAX = 50;

export interface Place {
  readonly network: string;
  readonly userAgent: string;
}

export async function isKnownNetwork(tx: Tx, accountId: string, network: string) {
  const row = await auth(tx)
    .selectFrom("auth_places")
    .select("account_id")
    .where("account_id", "=", accountId)
    .where("network", "=", network)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Notes that the account signs in from there. Strange is a place whose network or client it never
 * used before, unless this is its first sign-in of all.
 */
export async function rememberPlace(
  tx: Tx,
  accountId: string,
  { network, userAgent }: Place,
  nowMs: number,
): Promise<{ strange: boolean }> {
  const { rows } = await sql<{ places: bigint; networks: bigint; clients: bigint }>`
    select count(*) as places,
      count(*) filter (where network = ${network}) as networks,
      count(*) filter (where user_agent = ${userAgent}) as clients
    from auth_places where account_id = ${accountId}
  `.execute(auth(tx));
  await sql`
    insert into auth_places (account_id, network, user_agent, seen_at)
    values (${accountId}, ${network}, ${userAgent}, ${new Date(nowMs)})
    on conflict (account_id, network, user_agent) do update set seen_at = excluded.seen_at
  `.execute(auth(tx));
  await sql`
    delete from auth_places where account_id = ${accountId} and seen_at <= (
      select seen_at from auth_places where account_id = ${accountId}
      order by seen_at desc offset ${PLACES_PER_ACCOUNT_MAX} limit 1
    )
  `.execute(auth(tx));
  const { places = 0n, networks = 0n, clients = 0n } = rows[0] ?? {};
  return { strange: places > 0n && (networks === 0n || clients === 0n) };
}
