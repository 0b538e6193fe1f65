import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Pool } from "pg";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { columnTypes } from "../column-types.ts";
import {
  CONNECTION_TIMEOUT_MS,
  MIGRATION_TIMEOUT_MS,
  type MigratableDatabase,
  PooledDatabase,
  STATEMENT_TIMEOUT_MS,
} from "../pooled-database.ts";
import { PgliteHost } from "./host.ts";
import { WireStream } from "./wire-stream.ts";

export interface PgliteOptions {
  /** PostgreSQL's data folder is `pglite` in it. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
}

export async function openPglite(options: PgliteOptions): Promise<MigratableDatabase> {
  const { dataFolder, clock, log } = options;
  await mkdir(dataFolder, { recursive: true });
  const folder = path.join(dataFolder, "pglite");
  const host = await PgliteHost.open({ folder, answerTimeoutMs: STATEMENT_TIMEOUT_MS, clock, log });
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
  pool.on("error", (err) => log.debug({ err }, "the connection to PGlite was lost"));
  return new PooledDatabase(
    {
      name: "pglite",
      pool,
      beforeWrite: () => {},
      unhurried: (run) => host.unhurried(MIGRATION_TIMEOUT_MS, run),
      close: () => host.close(),
    },
    clock,
  );
}
