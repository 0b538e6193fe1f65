import type { Database } from "../../../core/database.ts";
import type { ShardAudit } from "../shard/reader.ts";
import { auditShard } from "../store/audit.ts";
import { checkJournal } from "../store/journal-audit.ts";
import { listShards } from "../store/ledger.ts";
import { plainReading } from "../store/local-reader.ts";
import { pairsApart } from "./audit.ts";

/** What was found in the ledgers of one database, whether a node runs on it or not. */
export interface Verification {
  readonly ledgers: readonly ShardAudit[];
  /** Transfers that have not ended. */
  readonly unfinished: number;
  /** What is wrong, in sentences. */
  readonly findings: readonly string[];
}

/**
 * Adds up every ledger that this database keeps, and holds its journal, if it has one, against the
 * legs. What is between shards is looked at when all of them are here and nothing is on its way.
 */
export async function verifyLedgers(database: Database): Promise<Verification> {
  const reading = plainReading(database);
  const shards = await listShards(database);
  const ledgers: ShardAudit[] = [];
  for (const shard of shards) {
    ledgers.push(await reading.snapshot((tx) => auditShard(tx, shard)));
  }
  const journal = await reading.snapshot((tx) => checkJournal(tx));
  const isWhole = journal.hasTransfers && journal.unfinished === 0;
  const findings = [
    ...ledgers.flatMap((ledger) => ledger.findings),
    ...(isWhole ? pairsApart(ledgers) : []),
    ...(journal.hasTransfers ? journal.findings : []),
  ];
  return { ledgers, unfinished: journal.unfinished, findings };
}
