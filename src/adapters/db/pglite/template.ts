import { createHash, randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, lstat, mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { applyMigrations, type Migration, readMigrations } from "../migrate.ts";
import type { MigratableDatabase } from "../pooled-database.ts";
import { createPgliteDatabase } from "./database.ts";
import { FreeSpace } from "./free-space.ts";
import { PgliteHost } from "./host.ts";
import { INITDB_ARGUMENTS } from "./settings.ts";

export interface LayOutOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where templates are kept, in order of preference; the first usable folder is taken. */
  readonly templateFolders?: readonly string[];
}

const PACKAGE_FOLDER = path.resolve(import.meta.dirname, "../../../..");
/** Raised with every change to how a template is made. */
const LAYOUT_VERSION = 1;
/** A template is made within this time, or never. */
const BUILD_TIMEOUT_MS = 180_000;
/** Templates that nobody used for so long, and half-made ones, are removed. */
const UNUSED_MS_MAX = 7 * 86_400_000;

/**
 * Makes a new data folder with the schema in it, but without an epoch, by copying a template:
 * making an empty database takes seconds, copying one a fraction. The template is made once for
 * each version of PGlite and each set of migrations. The folder appears whole or not at all.
 */
export async function layOutDatabase(folder: string, options: LayOutOptions): Promise<void> {
  const { clock, log, templateFolders = defaultTemplateFolders() } = options;
  const migrations = await readMigrations();
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  const templates = await firstUsable(templateFolders);
  if (templates === undefined) {
    log.debug({}, "no folder can keep a template of the database; this one is made afresh");
    await build(making, migrations, options);
  } else {
    const template = path.join(templates, `pglite-${await templateKey(migrations)}`);
    if (!existsSync(template)) await makeTemplate(template, migrations, options);
    await cp(template, making, { recursive: true, mode: constants.COPYFILE_FICLONE });
    const now = new Date(clock.nowMs());
    await utimes(template, now, now);
  }
  await rename(making, folder);
}

function defaultTemplateFolders(): string[] {
  return [
    path.join(PACKAGE_FOLDER, "node_modules", ".cache", "stoa"),
    path.join(tmpdir(), `stoa-${process.getuid?.() ?? "templates"}`),
  ];
}

/** What is in a template decides over its name. */
async function templateKey(migrations: readonly Migration[]): Promise<string> {
  const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  const content = [
    LAYOUT_VERSION,
    version,
    INITDB_ARGUMENTS,
    migrations.map((m) => [m.name, m.checksum]),
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/**
 * A template becomes a database, so nobody else may have put it there: the folder must be ours
 * alone to write, which a name in the system's temporary folder does not promise.
 */
async function firstUsable(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { uid, mode } = await lstat(folder);
      const ours = process.getuid === undefined || (uid === process.getuid() && !(mode & 0o022));
      if (ours) return folder;
    } catch {
      // Not writable: the next one.
    }
  }
  return undefined;
}

/** Several processes may do this at once: the first to finish wins, the others drop theirs. */
async function makeTemplate(
  template: string,
  migrations: readonly Migration[],
  options: LayOutOptions,
): Promise<void> {
  const making = `${template}.${randomBytes(6).toString("hex")}.making`;
  try {
    await build(making, migrations, options);
    await rename(making, template).catch((error: unknown) => {
      if (!existsSync(template)) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  await removeUnused(path.dirname(template), options.clock.nowMs());
}

async function build(
  folder: string,
  migrations: readonly Migration[],
  { clock, log }: LayOutOptions,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const host = await PgliteHost.open({
    folder,
    answerTimeoutMs: BUILD_TIMEOUT_MS,
    beforeRestart: () => {},
    clock,
    log,
  });
  const freeSpace = new FreeSpace(path.dirname(folder), clock);
  const database = createPgliteDatabase({ host, freeSpace, clock, log });
  try {
    await applyMigrations(database, migrations);
    await dropOtherDatabases(database);
  } finally {
    await database.close();
  }
  const tookMs = Math.round(clock.monotonicMs() - startedMs);
  log.info({ tookMs }, "an empty database was made");
}

/**
 * The databases that further ones would be copied from are half of an empty folder; and nobody
 * would vacuum them, which in the end forbids writing everywhere (wraparound of transaction ids).
 */
async function dropOtherDatabases(database: MigratableDatabase): Promise<void> {
  for (const name of ["template0", "template1"]) {
    const builder = database.single().as();
    await sql`alter database ${sql.id(name)} is_template false`.execute(builder);
    await sql`drop database ${sql.id(name)}`.execute(builder);
  }
}

async function removeUnused(templates: string, nowMs: number): Promise<void> {
  for (const name of await readdir(templates)) {
    const folder = path.join(templates, name);
    const { mtimeMs } = await stat(folder);
    if (nowMs - mtimeMs > UNUSED_MS_MAX) await rm(folder, { recursive: true, force: true });
  }
}
