import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";
import type { Log } from "../../../core/log.ts";
import { type MigratableDatabase, STATEMENT_TIMEOUT_MS } from "../pooled-database.ts";
import { createPgliteDatabase, type PgliteParts } from "./database.ts";
import { lockFolder } from "./folder-lock.ts";
import { type FreeBytesOf, FreeSpace } from "./free-space.ts";
import { PgliteHost } from "./host.ts";
import { layOutDatabase } from "./template.ts";

export interface PgliteOptions extends Pick<PgliteParts, "upkeep"> {
  /** PostgreSQL's data folder is `pglite` in it, beside the lock of this process. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How a statement's time is limited; the watchdog ends the worker after that. */
  readonly answerTimeoutMs?: number;
  readonly freeBytesOf?: FreeBytesOf;
}

/** @throws DatabaseUnavailable when the folder is in use, cannot be read, or has no space */
export async function openPglite(options: PgliteOptions): Promise<MigratableDatabase> {
  const { dataFolder, clock, log, answerTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  await mkdir(dataFolder, { recursive: true });
  const freeSpace = new FreeSpace(dataFolder, clock, options.freeBytesOf);
  // Before the lock, which needs some space itself.
  freeSpace.assertSuffices();
  const lock = await lockFolder(dataFolder, clock);
  try {
    const folder = path.join(dataFolder, "pglite");
    if (!existsSync(folder)) await layOutDatabase(folder, { clock, log });
    assertDatabase(folder);
    const beforeRestart = () => freeSpace.assertSuffices();
    const host = await PgliteHost.open({ folder, answerTimeoutMs, beforeRestart, clock, log });
    const parts = { host, freeSpace, clock, log, release: () => lock.release() };
    return createPgliteDatabase({ ...parts, ...options });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** PGlite would make an empty database over what is left of a damaged one. */
function assertDatabase(folder: string): void {
  if (existsSync(path.join(folder, "PG_VERSION"))) return;
  throw new DatabaseUnavailable(
    `The folder ${folder} holds no whole database: its file PG_VERSION is missing. ` +
      "Restore the folder from a backup, or move it away to begin with an empty one.",
    { passing: false },
  );
}
