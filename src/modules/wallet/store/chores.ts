import type { Tx } from "../../../core/database.ts";
import type { Chore, ChoreOperation } from "../orchestrator/chore.ts";
import type { Refusal } from "../shard/protocol.ts";
import type { WalletTables } from "./tables.ts";

type Row = WalletTables["wallet_chores"];

function toChore({ id, shard, operation, done_at: doneAt, refusal }: Row): Chore {
  return { id, shard, operation, isDone: doneAt !== null, refusal };
}

export async function insertChore(
  tx: Tx,
  chore: {
    readonly id: string;
    readonly shard: number;
    readonly operation: ChoreOperation;
    readonly nowMs: number;
  },
): Promise<void> {
  const { id, shard, operation, nowMs } = chore;
  await tx
    .as<WalletTables>()
    .insertInto("wallet_chores")
    .values({
      id,
      shard,
      operation: JSON.stringify(operation) as never,
      created_at: new Date(nowMs),
      done_at: null,
      refusal: null,
    })
    .execute();
}

export async function findChore(tx: Tx, id: string): Promise<Chore | null> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_chores")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : toChore(row);
}

/** Those that wait, the oldest first. */
export async function listOpenChores(tx: Tx, limit: number): Promise<Chore[]> {
  const rows = await tx
    .as<WalletTables>()
    .selectFrom("wallet_chores")
    .selectAll()
    .where("done_at", "is", null)
    .orderBy("created_at")
    .limit(limit)
    .execute();
  return rows.map(toChore);
}

export async function endChore(
  tx: Tx,
  id: string,
  { refusal, nowMs }: { readonly refusal: Refusal | null; readonly nowMs: number },
): Promise<void> {
  await tx
    .as<WalletTables>()
    .updateTable("wallet_chores")
    .set({ done_at: new Date(nowMs), refusal })
    .where("id", "=", id)
    .where("done_at", "is", null)
    .execute();
}

/** Forgets those that were done before the time, at most so many; answers how many. */
export async function trimChores(tx: Tx, beforeMs: number, countMax: number): Promise<number> {
  const { numDeletedRows } = await tx
    .as<WalletTables>()
    .deleteFrom("wallet_chores")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("wallet_chores")
        .select("id")
        .where("done_at", "<", new Date(beforeMs))
        .limit(countMax),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
