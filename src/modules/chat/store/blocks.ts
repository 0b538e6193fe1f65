import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { chat } from "./tables.ts";

/** @returns false when there are as many already */
export async function insertBlock(
  tx: Tx,
  accountId: string,
  blockedId: string,
  max: number,
): Promise<boolean> {
  await sql`
    insert into chat_blocks (account_id, blocked_id) values (${accountId}, ${blockedId})
    on conflict do nothing
  `.execute(tx.as());
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from chat_blocks where account_id = ${accountId}
  `.execute(tx.as());
  return Number(rows[0]?.count ?? 0n) <= max;
}

export async function deleteBlock(tx: Tx, accountId: string, blockedId: string): Promise<void> {
  await chat(tx)
    .deleteFrom("chat_blocks")
    .where("account_id", "=", accountId)
    .where("blocked_id", "=", blockedId)
    .execute();
}

/** Whom the person has blocked. */
export async function listBlocked(tx: Tx, accountId: string): Promise<string[]> {
  const rows = await chat(tx)
    .selectFrom("chat_blocks")
    .select("blocked_id")
    .where("account_id", "=", accountId)
    .orderBy("blocked_id")
    .execute();
  return rows.map((row) => row.blocked_id);
}

/** Those of the others who have blocked the person, or whom the person has blocked. */
export async function findBlocksBetween(
  tx: Tx,
  accountId: string,
  others: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select blocked_id as id from chat_blocks
    where account_id = ${accountId} and blocked_id = any (${others}::uuid[])
    union
    select account_id from chat_blocks
    where blocked_id = ${accountId} and account_id = any (${others}::uuid[])
  `.execute(tx.as());
  return new Set(rows.map(({ id }) => id));
}
