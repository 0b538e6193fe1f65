import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import {
  type DatabasePlace,
  freshPglite,
  freshPostgres,
  onEachEngine,
  onPostgres,
  SERVER_URL,
} from "../../../test/support/database.ts";
import { systemRandom } from "../system/random.ts";
import { createEventLog } from "./event-log.ts";
import {
  type Migration,
  MigrationRefused,
  migrate,
  migrationStatus,
  readMigrations,
} from "./migrate.ts";
import type { MigratableDatabase } from "./pooled-database.ts";

const VICTIM = fileURLToPath(import.meta.resolve("../../../test/support/database-victim.ts"));
const shipped = await readMigrations();

function newMigration(name: string, text: string): Migration {
  return { name, text, checksum: `checksum of ${text}` };
}

const later = [
  newMigration("29990101T0000_first", "create table later_firsts (id integer); select 1;"),
  newMigration("29990102T0000_second", "insert into later_firsts values (1), (2);"),
];

onEachEngine("the schema", (_shared, engine) => {
  const freshPlace = (): Promise<DatabasePlace> =>
    engine === "pglite" ? freshPglite() : freshPostgres(SERVER_URL ?? "");
  const fresh = async (t: TestContext): Promise<MigratableDatabase> => {
    const place = await freshPlace();
    const database = await place.open();
    t.after(async () => {
      await database.close();
      await place[Symbol.asyncDispose]();
    });
    return database;
  };

  test("is brought up to date once, in order", async (t) => {
    const database = await fresh(t);
    const all = [...shipped, ...later];
    assert.deepEqual(await migrationStatus(database, all), {
      applied: shipped.map(({ name }) => name),
      pending: later.map(({ name }) => name),
    });
    assert.deepEqual(
      await migrate(database, systemRandom, all),
      later.map(({ name }) => name),
    );
    assert.deepEqual(await migrate(database, systemRandom, all), []);
    assert.equal(await countOf(database, "later_firsts"), 2n);
    assert.deepEqual((await migrationStatus(database, all)).pending, []);
  });

  test("is brought up to date by one of several that start at once", async (t) => {
    const database = await fresh(t);
    const all = [...shipped, ...later];
    const starters = Array.from({ length: 3 }, () => migrate(database, systemRandom, all));
    const applied = (await Promise.all(starters)).flat();
    assert.deepEqual(
      applied.sort(),
      later.map(({ name }) => name),
    );
    assert.equal(await countOf(database, "later_firsts"), 2n);
  });

  test("is as before when a migration fails, and goes on once that is mended", async (t) => {
    const database = await fresh(t);
    const [first, second] = later;
    assert.ok(first !== undefined && second !== undefined);
    const broken = newMigration(second.name, `${second.text} select 1 / 0;`);
    const failing = migrate(database, systemRandom, [...shipped, first, broken]);
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof MigrationRefused);
      assert.match(error.message, /29990102T0000_second failed/);
      return true;
    });
    assert.equal(await countOf(database, "later_firsts"), 0n);
    const mended = await migrate(database, systemRandom, [...shipped, first, second]);
    assert.deepEqual(mended, [second.name]);
    assert.equal(await countOf(database, "later_firsts"), 2n);
  });

  test("is as before when the process is killed in a migration", async (t) => {
    const place = await freshPlace();
    let database: MigratableDatabase | undefined;
    t.after(async () => {
      victim.kill("SIGKILL");
      await database?.close();
      await place[Symbol.asyncDispose]();
    });
    const url = place.url === undefined ? [] : [place.url];
    const victim = spawn(process.execPath, [VICTIM, "migrate", place.dataFolder, ...url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(victim.stdout, "data");
    victim.kill("SIGKILL");
    await once(victim, "exit");
    database = await place.open();
    const { rows } = await sql`
      select to_regclass('half_done') as table
    `.execute(database.single().as());
    assert.deepEqual(rows, [{ table: null }]);
    assert.deepEqual((await migrationStatus(database)).pending, []);
  });

  test("is not touched when an applied migration was changed, or is unknown", async (t) => {
    const database = await fresh(t);
    const [first, second] = later;
    assert.ok(first !== undefined && second !== undefined);
    await migrate(database, systemRandom, [...shipped, first]);
    const changed = [...shipped, newMigration(first.name, "select 2;"), second];
    for (const [migrations, sentence] of [
      [changed, /29990101T0000_first was changed/],
      [shipped, /has the migration 29990101T0000_first, which this version/],
    ] as const) {
      const refused = (error: unknown) =>
        error instanceof MigrationRefused && sentence.test(error.message);
      await assert.rejects(migrate(database, systemRandom, migrations), refused);
      await assert.rejects(migrationStatus(database, migrations), refused);
    }
  });

  test("gives every database an epoch of its own, once", async (t) => {
    const [one, other] = [await fresh(t), await fresh(t)];
    const epochOf = (database: MigratableDatabase) =>
      database.transaction({ isolation: "repeatable read", readOnly: true }, (tx) =>
        createEventLog().epoch(tx),
      );
    const epoch = await epochOf(one);
    assert.notEqual(epoch, await epochOf(other));
    await migrate(one, systemRandom);
    assert.equal(await epochOf(one), epoch);
  });
});

onPostgres("the schema under concurrency", (_shared, serverUrl) => {
  test("is made by one of two processes' pools that start on an empty database", async (t) => {
    const place = await freshPostgres(serverUrl);
    const databases = await Promise.all([place.openEmpty(), place.openEmpty()]);
    t.after(async () => {
      for (const database of databases) await database.close();
      await place[Symbol.asyncDispose]();
    });
    const applied = await Promise.all(databases.map((each) => migrate(each, systemRandom)));
    assert.deepEqual(
      applied.flat().sort(),
      shipped.map(({ name }) => name),
    );
  });
});

test("migrations are read in the order of their names, whatever their line ends", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "stoa-migrations-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, "20260102T0000_b.sql"), "select 2;\r\nselect 3;\r\n");
  await writeFile(path.join(folder, "20260101T0000_a.sql"), "select 1;\n");
  const [a, b] = await readMigrations(folder);
  assert.deepEqual([a?.name, b?.name], ["20260101T0000_a", "20260102T0000_b"]);
  assert.equal(b?.text, "select 2;\nselect 3;\n");
  await writeFile(path.join(folder, "20260102T0000_b.sql"), "select 2;\nselect 3;\n");
  assert.equal((await readMigrations(folder))[1]?.checksum, b?.checksum);
  await writeFile(path.join(folder, "notes.txt"), "");
  await assert.rejects(readMigrations(folder), /notes.txt is not named like a migration/);
});

async function countOf(database: MigratableDatabase, table: string): Promise<bigint | undefined> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from ${sql.table(table)}
  `.execute(database.single().as());
  return rows[0]?.count;
}
