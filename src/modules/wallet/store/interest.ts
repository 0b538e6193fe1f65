import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/**
 * Says that changes of the wallet are to be written down until then. The cluster's row is locked by
 * every journal commit that is under way, so whoever reads the wallet after this sees what those
 * have changed, and all later ones know of the interest.
 */
export async function saveInterest(tx: Tx, wallet: string, untilMs: number): Promise<void> {
  await sql`
    insert into wallet_interest as known (wallet, until_ms) values (${wallet}, ${untilMs})
    on conflict (wallet) do update set until_ms = greatest(known.until_ms, excluded.until_ms)
  `.execute(tx.as());
  await sql`update wallet_cluster set interest = interest + 1`.execute(tx.as());
}

/** Whether changes of the wallet are written down at least until then. */
export async function hasInterest(tx: Tx, wallet: string, untilMs: number): Promise<boolean> {
  const { rows } = await sql`
    select from wallet_interest where wallet = ${wallet} and until_ms >= ${untilMs}
  `.execute(tx.as());
  return rows.length > 0;
}

export async function listInteresting(tx: Tx, nowMs: number): Promise<string[]> {
  const { rows } = await sql<{ wallet: string }>`
    select wallet from wallet_interest where until_ms > ${nowMs}
  `.execute(tx.as());
  return rows.map(({ wallet }) => wallet);
}

export async function trimInterest(tx: Tx, nowMs: number): Promise<void> {
  await sql`delete from wallet_interest where until_ms <= ${nowMs}`.execute(tx.as());
}
