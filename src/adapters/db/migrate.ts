import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { sql } from "kysely";
import type { Tx } from "../../core/database.ts";
import { newToken, type Random } from "../../core/random.ts";
import type { MigratableDatabase } from "./pooled-database.ts";

/** A schema that cannot be brought up to date as it is; the message says what to do. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

export interface Migration {
  /** The file's name without its ending, `20261121T1200_core`. */
  readonly name: string;
  readonly text: string;
  /** SHA-256, hex, of the text with line feeds. */
  readonly checksum: string;
}

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

const FOLDER = path.join(import.meta.dirname, "migrations");
const FILE_NAME = /^(\d{8}T\d{4}_[a-z0-9_]+)\.sql$/;
/** The advisory lock under which a schema is changed: "stoa" as four ASCII bytes. */
const LOCK_KEY = 0x73746f61;

/** The migrations of a folder in order. */
export async function readMigrations(folder: string = FOLDER): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const name = FILE_NAME.exec(file)?.[1];
    if (name === undefined) throw new Error(`${file} is not named like a migration.`);
    const text = (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n");
    migrations.push({ name, text, checksum: createHash("sha256").update(text).digest("hex") });
  }
  return migrations;
}

/**
 * Brings the schema up to date, one transaction a migration, and gives a database that has none
 * its epoch. Several processes may do this at once: one at a time changes the schema, and the
 * others find it done.
 *
 * @returns the names of the migrations that this call applied
 * @throws MigrationRefused
 */
export async function migrate(
  database: MigratableDatabase,
  random: Random,
  migrations?: readonly Migration[],
): Promise<string[]> {
  const applied = await applyMigrations(database, migrations ?? (await readMigrations()));
  await database.migration(async (tx) => {
    await sql`
      insert into stoa_meta (key, value) values ('epoch', ${newToken(random)})
      on conflict (key) do nothing
    `.execute(tx.as());
  });
  return applied;
}

/** The schema alone, without what tells one database from another. */
export async function applyMigrations(
  database: MigratableDatabase,
  migrations: readonly Migration[],
): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const name = await database.migration((tx) => applyNext(tx, migrations));
    if (name === undefined) return names;
    names.push(name);
  }
}

/** @throws MigrationRefused */
export async function migrationStatus(
  database: MigratableDatabase,
  migrations?: readonly Migration[],
): Promise<MigrationStatus> {
  const known = migrations ?? (await readMigrations());
  const options = { isolation: "repeatable read", readOnly: true } as const;
  return database.transaction(options, async (tx) => {
    const { rows } = await sql<{ found: boolean }>`
      select to_regclass('stoa_migrations') is not null as found
    `.execute(tx.as());
    const applied = rows[0]?.found ? await readApplied(tx) : new Map<string, string>();
    return { applied: [...applied.keys()], pending: pendingOf(known, applied).map((m) => m.name) };
  });
}

/** Applies the first migration that is pending, if any, and answers its name. */
async function applyNext(tx: Tx, migrations: readonly Migration[]): Promise<string | undefined> {
  const run = (text: string) => sql.raw(text).execute(tx.as());
  await run("set local statement_timeout = 0");
  await run(`select pg_advisory_xact_lock(${LOCK_KEY})`);
  await run(`
    create table if not exists stoa_migrations (
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      constraint stoa_migrations_pk primary key (name)
    )
  `);
  const next = pendingOf(migrations, await readApplied(tx))[0];
  if (next === undefined) return undefined;
  try {
    await run(next.text);
  } catch (cause) {
    throw new MigrationRefused(
      `The migration ${next.name} failed, and the database is as it was before.`,
      { cause },
    );
  }
  await sql`
    insert into stoa_migrations (name, checksum) values (${next.name}, ${next.checksum})
  `.execute(tx.as());
  return next.name;
}

/** Checksums by name, in the order of names. */
async function readApplied(tx: Tx): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; checksum: string }>`
    select name, checksum from stoa_migrations order by name
  `.execute(tx.as());
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/** @throws MigrationRefused */
function pendingOf(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): Migration[] {
  const known = new Set(migrations.map(({ name }) => name));
  for (const name of applied.keys()) {
    if (known.has(name)) continue;
    throw new MigrationRefused(
      `The database has the migration ${name}, which this version of Stoa does not know: ` +
        "a newer version has used it. Start that version, or restore an older backup.",
    );
  }
  for (const { name, checksum } of migrations) {
    if ((applied.get(name) ?? checksum) === checksum) continue;
    throw new MigrationRefused(
      `The migration ${name} was changed after this database had applied it. ` +
        "Restore its text, and put the change into a migration of its own.",
    );
  }
  return migrations.filter(({ name }) => !applied.has(name));
}
