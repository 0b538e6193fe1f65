import { sql } from "kysely";
import { Pool } from "pg";
import type { Clock } from "../../core/clock.ts";
import { DatabaseUnavailable } from "../../core/database.ts";
import type { Log } from "../../core/log.ts";
import { columnTypes } from "./column-types.ts";
import {
  CONNECTION_TIMEOUT_MS,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  type MigratableDatabase,
  PooledDatabase,
  STATEMENT_TIMEOUT_MS,
} from "./pooled-database.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` as libpq has it. */
  readonly url: string;
  /** Connections at once. */
  readonly poolSize: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The oldest server whose SQL ours is. */
const SERVER_VERSION_MIN = 15;
/** Connections unused for so long are closed. */
const IDLE_CONNECTION_MS = 30_000;

/** @throws DatabaseUnavailable when the server is not there, refuses, or is too old */
export async function openPostgres(options: PostgresOptions): Promise<MigratableDatabase> {
  const { url, poolSize, clock, log } = options;
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    types: columnTypes,
    application_name: "stoa",
    // What PGlite's session has, whatever the server's or the role's settings are. Statements here
    // take less time than compiling one of them would, which an estimate too high leads to.
    options: "-c timezone=UTC -c datestyle=ISO -c jit=off",
    keepAlive: true,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  const database = new PooledDatabase(
    {
      name: "postgres",
      pool,
      assertWritable: () => {},
      beforeWrite: () => {},
      unhurried: (run) => run(),
      quiesce: async () => {},
      close: async () => {},
    },
    clock,
    log,
  );
  try {
    await assertVersion(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function assertVersion(database: PooledDatabase): Promise<void> {
  const { rows } = await sql<{ version: string }>`
    select current_setting('server_version_num') as version
  `.execute(database.single().as());
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  if (major < SERVER_VERSION_MIN) {
    throw new DatabaseUnavailable(
      `The PostgreSQL server is version ${major}; ${SERVER_VERSION_MIN} or newer is needed.`,
      { passing: false },
    );
  }
}
