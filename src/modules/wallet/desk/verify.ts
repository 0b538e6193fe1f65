import type { Database } from "../../../core/database.ts";
import type { LedgerReader } from "../shard/reader.ts";
import { listShards } from "../store/ledger.ts";
import { createLedgerReader, plainReading } from "../store/local-reader.ts";
import { auditLedgers, type LedgersAudit } from "./audit.ts";

/**
 * Adds up every ledger that this database keeps, and those of shards that are processes of their
 * own, whether a node runs or not. Its journal, if it has one, is held against their legs.
 *
 * @param remote readers of shards that are elsewhere, in the order of their numbers
 */
export async function verifyLedgers(
  database: Database,
  remote: readonly LedgerReader[] = [],
): Promise<LedgersAudit> {
  const reading = plainReading(database);
  const local = await listShards(database);
  const readers = new Map(remote.entries());
  for (const shard of local)
    readers.set(
      shard,
      createLedgerReader(() => reading, shard),
    );
  return auditLedgers(reading, readers);
}
