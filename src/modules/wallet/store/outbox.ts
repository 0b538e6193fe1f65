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

/** They were taken: everything up to this place. */
export async function deleteEnded(tx: Tx, upTo: bigint): Promise<void> {
  await tx.as<WalletTables>().deleteFrom("wallet_outbox").where("place", "<=", upTo).execute();
}
