import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { openPglite } from "./pglite/open.ts";
import type { MigratableDatabase } from "./pooled-database.ts";
import { openPostgres } from "./postgres.ts";

export { createEventLog } from "./event-log.ts";
export { createMailQueue } from "./mail-queue.ts";
export { migrate } from "./migrate.ts";
export type { MigratableDatabase } from "./pooled-database.ts";
export { createRepeatStore } from "./repeat-store.ts";

export interface DatabaseOptions {
  /** `postgres://…`; without it PGlite keeps everything in the data folder. */
  readonly url?: string | undefined;
  readonly dataFolder: string;
  /** Connections to a PostgreSQL server at once. */
  readonly poolSize: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the database as it is. Call `migrate` before anything else uses it.
 *
 * @throws DatabaseUnavailable
 */
export function openDatabase(options: DatabaseOptions): Promise<MigratableDatabase> {
  const { url, dataFolder, poolSize, clock, log } = options;
  return url === undefined
    ? openPglite({ dataFolder, clock, log })
    : openPostgres({ url, poolSize, clock, log });
}
