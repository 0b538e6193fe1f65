import { sql } from "kysely";
import type { UnitOfWork } from "../../src/core/unit-of-work.ts";

/** Counting failed attempts is the one thing that a refused call has to leave behind. */
const COUNTERS = new Set(["auth_throttles"]);
/** Written down now and then, whatever is called: who used a session, and which node leads. */
const RENEWED = ["last_seen_at", "lease_until_ms", "unfinished_from"];

interface Catalogue {
  readonly "information_schema.tables": {
    readonly table_name: string;
    readonly table_schema: string;
  };
}

/** Everything that is stored, as text by table, to be compared with what is stored later. */
export function dumpState(work: UnitOfWork): Promise<Readonly<Record<string, string[]>>> {
  return work.snapshot(async (tx) => {
    const tables = await tx
      .as<Catalogue>()
      .selectFrom("information_schema.tables")
      .select("table_name")
      .where("table_schema", "=", "public")
      .orderBy("table_name")
      .execute();
    const dump: Record<string, string[]> = {};
    for (const { table_name: table } of tables) {
      if (COUNTERS.has(table)) continue;
      const row = sql<string>`(to_jsonb(t) - ${RENEWED}::text[])::text`;
      const query = sql<{
        row: string;
      }>`select ${row} as row from ${sql.table(table)} t order by 1`;
      const { rows } = await query.execute(tx.as());
      dump[table] = rows.map((one) => one.row);
    }
    return dump;
  });
}
