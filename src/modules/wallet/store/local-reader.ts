import type { Database } from "../../../core/database.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import type { LedgerReader } from "../shard/reader.ts";
import { auditShard, summarise } from "./audit.ts";
import { findWallets } from "./ledger.ts";
import { balanceAt, listEntries, listLegs } from "./reading.ts";

/** How the tables are read: a query alone, or several of one state. */
export type Reading = Pick<UnitOfWork, "single" | "snapshot">;

/** Where no unit of work is: what fails is for the caller to tell. */
export function plainReading(database: Database): Reading {
  return {
    single: (read) => read(database.single()),
    snapshot: (read) =>
      database.transaction({ isolation: "repeatable read", readOnly: true }, read),
  };
}

/** Reads a shard whose ledger is in this database. */
export function createLedgerReader(reading: () => Reading, shard: number): LedgerReader {
  return {
    wallets: (ids) => reading().single((tx) => findWallets(tx, ids)),
    entries: (page) => reading().single((tx) => listEntries(tx, page)),
    legs: (page) => reading().single((tx) => listLegs(tx, shard, page)),
    balanceAt: (wallet, atMs) => reading().snapshot((tx) => balanceAt(tx, wallet, atMs)),
    summary: () => reading().single((tx) => summarise(tx, shard)),
    audit: () => reading().snapshot((tx) => auditShard(tx, shard)),
  };
}
