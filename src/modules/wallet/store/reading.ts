import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { EntryPage, LegMark, LegPage } from "../shard/reader.ts";
import type { EntryRecord } from "../shard/records.ts";
import type { WalletTables } from "./tables.ts";

export async function listEntries(tx: Tx, page: EntryPage): Promise<EntryRecord[]> {
  const { wallet, after, before, fromMs, toMs, limit } = page;
  let query = tx
    .as<WalletTables>()
    .selectFrom("wallet_entries")
    .selectAll()
    .where("wallet", "=", wallet)
    .orderBy("version", after === undefined ? "desc" : "asc")
    .limit(limit);
  if (after !== undefined) query = query.where("version", ">", after);
  if (before !== undefined) query = query.where("version", "<", before);
  if (fromMs !== undefined) query = query.where("at_ms", ">=", BigInt(fromMs));
  if (toMs !== undefined) query = query.where("at_ms", "<", BigInt(toMs));
  return (await query.execute()).map(toEntry);
}

export async function listLegs(tx: Tx, shard: number, page: LegPage): Promise<LegMark[]> {
  const { after, upTo, limit } = page;
  const { rows } = await sql<WalletTables["wallet_legs"]>`
    select transfer, is_credit, state, posted_amount from wallet_legs
    where shard = ${shard} and transfer <= ${upTo}
      and (transfer, is_credit) > (${after.transfer}, ${after.side === "credit"})
    order by transfer, is_credit limit ${limit}
  `.execute(tx.as());
  return rows.map(({ transfer, is_credit: isCredit, state, posted_amount: postedAmount }) => {
    return { transfer, side: isCredit ? "credit" : "debit", state, postedAmount };
  });
}

export function toEntry(row: WalletTables["wallet_entries"]): EntryRecord {
  const { wallet, version, transfer, amount, balance_after: balanceAfter, at_ms: atMs } = row;
  return { wallet, version, transfer, amount, balanceAfter, atMs: Number(atMs) };
}

/**
 * What was posted at the end of this millisecond. A wallet's entries are numbered without a gap and
 * their times never go back, so the last one in time is found by halving.
 */
export async function balanceAt(tx: Tx, wallet: string, atMs: number): Promise<bigint> {
  let below = 0;
  let above = (await lastVersion(tx, wallet)) + 1;
  let balance = 0n;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    const entry = await getEntry(tx, wallet, middle);
    if (Number(entry.at_ms) <= atMs) {
      below = middle;
      balance = entry.balance_after;
    } else {
      above = middle;
    }
  }
  return balance;
}

async function lastVersion(tx: Tx, wallet: string): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`
    select max(version) as version from wallet_entries where wallet = ${wallet}
  `.execute(tx.as());
  return rows[0]?.version ?? 0;
}

async function getEntry(
  tx: Tx,
  wallet: string,
  version: number,
): Promise<{ at_ms: bigint; balance_after: bigint }> {
  return tx
    .as<WalletTables>()
    .selectFrom("wallet_entries")
    .select(["at_ms", "balance_after"])
    .where("wallet", "=", wallet)
    .where("version", "=", version)
    .executeTakeFirstOrThrow();
}
