import type { Database } from "../../../core/database.ts";
import type { LedgerReader } from "../shard/reader.ts";
import { auditShard, summarise } from "./audit.ts";
import { createLedgerStore } from "./ledger.ts";
import { balanceAt, listEntries } from "./reading.ts";

/** Reads a shard whose ledger is in this database. */
export function createLedgerReader(database: Database, shard: number): LedgerReader {
  const store = createLedgerStore(database, shard);
  return {
    wallets: (ids) => store.wallets(ids),
    entries: (page) => listEntries(database, page),
    balanceAt: (wallet, atMs) => balanceAt(database, wallet, atMs),
    summary: () => summarise(database, shard),
    audit: () => auditShard(database, shard),
  };
}
