import { Pool } from "pg";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { columnTypes } from "../column-types.ts";
import {
  CONNECTION_TIMEOUT_MS,
  type Engine,
  MIGRATION_TIMEOUT_MS,
  PooledDatabase,
} from "../pooled-database.ts";
import { Session } from "../session.ts";
import type { FreeSpace } from "./free-space.ts";
import type { PgliteHost } from "./host.ts";
import { Upkeep, type UpkeepOptions } from "./upkeep.ts";
import { WireStream } from "./wire-stream.ts";

export interface PgliteParts {
  readonly host: PgliteHost;
  readonly freeSpace: FreeSpace;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives the folder back, last of all. */
  release?(): Promise<void>;
  readonly upkeep?: Pick<UpkeepOptions, "writesMax" | "logBytesMax">;
}

/** How long a table may be vacuumed; nothing else runs meanwhile. */
const UPKEEP_TIMEOUT_MS = 60_000;

/** The database that a worker holds: a pool of its one session, guarded and kept in order. */
export function createPgliteDatabase(parts: PgliteParts): PooledDatabase {
  const { host, freeSpace, clock, log } = parts;
  const pool = new Pool({
    host: "pglite",
    user: "postgres",
    database: "postgres",
    password: "",
    ssl: false,
    max: 1,
    types: columnTypes,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: 0,
    stream: () => new WireStream(host),
  });
  const run = async (statement: string) => {
    const session = new Session(await pool.connect(), clock, UPKEEP_TIMEOUT_MS);
    try {
      const result = await host.unhurried(UPKEEP_TIMEOUT_MS, () => session.query(statement));
      return result.rows;
    } finally {
      session.release();
    }
  };
  const upkeep = new Upkeep({ ...parts.upkeep, run, clock, log });
  const assertWritable = () => {
    if (!freeSpace.suffices()) upkeep.relieve();
    freeSpace.assertSuffices();
  };
  const engine: Engine = {
    name: "pglite",
    pool,
    assertWritable,
    beforeWrite() {
      assertWritable();
      upkeep.wrote();
    },
    unhurried: (work) => host.unhurried(MIGRATION_TIMEOUT_MS, work),
    quiesce: () => upkeep.stop(),
    async close() {
      await host.close();
      await parts.release?.();
    },
  };
  return new PooledDatabase(engine, clock, log);
}
