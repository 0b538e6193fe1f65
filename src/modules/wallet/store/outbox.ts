import type { Tx } from "../../../core/database.ts";
import type { WalletTables } from "./tables.ts";

/** Transfers that have ended, with their places in the order of their ends. */
export interface Ended {
  readonly place: bigint;
  readonly transfer: bigint;
}

/** The first ones that nobody has taken yet. */
export async function listEnded(tx: Tx, limit: number): Promise<Ended[]> {
  return tx
    .as<WalletTables>()
    .selectFrom("wallet_outbox")
    .selectAll()
    .orderBy("place")
    .limit(limit)
    .execute();
}

export async function insertEnded(tx: Tx, transfer: bigint): Promise<void> {
  await tx.as<WalletTables>().insertInto("wallet_outbox").values({ transfer }).execute();
}

/**
 * They were taken. These and no others: one with an earlier place may have been committed only
 * after they were read.
 */
export async function deleteEnded(tx: Tx, places: readonly bigint[]): Promise<void> {
  await tx.as<WalletTables>().deleteFrom("wallet_outbox").where("place", "in", places).execute();
}
