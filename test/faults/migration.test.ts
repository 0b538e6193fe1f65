import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import { describe, test } from "node:test";
import { Client } from "pg";
import { applyMigrations, readMigrations } from "../../src/adapters/db/migrate.ts";
import { PgliteHost } from "../../src/adapters/db/pglite/host.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { type DatabasePlace, freshPglite, freshPostgres, onPostgres } from "../support/database.ts";
import { FAULT_SCALE } from "../support/fault-scale.ts";
import { send } from "../support/http-client.ts";
import { readSchema, type Schema } from "../support/schema-text.ts";
import { spawnStoa, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * `stoa migrate` is killed inside each migration, and started twice at once: there is never half a
 * migration, one process at a time changes the schema, and running it again is all it takes.
 */

const MIGRATIONS = await readMigrations();
const NAMES = MIGRATIONS.map(({ name }) => name);
/** The statements of each migration that a gate can stop; each run begins with one of its own. */
const STATEMENTS = MIGRATIONS.map(({ text }) => text.match(/^create (table|index)/gm)?.length ?? 0);
const PATIENCE_MS = 30_000;

function startMigrate({ dataFolder, url }: DatabasePlace) {
  return spawnStoa({ dataFolder, databaseUrl: url, args: ["migrate"] });
}

/** Runs it to its end, and answers the names that it says it applied. */
async function migrateOnce(place: DatabasePlace): Promise<string[]> {
  await using run = startMigrate(place);
  assert.equal(await run.exited, 0, run.output());
  return appliedBy(run.output());
}

function appliedBy(output: string): string[] {
  return [...output.matchAll(/^applied (\S+)$/gm)].map(([, name = ""]) => name);
}

async function schemaOf(place: DatabasePlace): Promise<Schema> {
  const database = await place.openEmpty();
  return readSchema(database).finally(() => database.close());
}

/** The schema after each migration, from none to all of them. The place is empty. */
async function stagesOf(place: DatabasePlace, onStage = () => {}): Promise<Schema[]> {
  const database = await place.openEmpty();
  try {
    const stages = [await readSchema(database)];
    for (const count of NAMES.keys()) {
      await applyMigrations(database, MIGRATIONS.slice(0, count + 1));
      stages.push(await readSchema(database));
      onStage();
    }
    return stages;
  } finally {
    await database.close();
  }
}

onPostgres("stoa migrate", (_database, serverUrl) => {
  test("killed inside each migration leaves what was before, and goes on from there", async (t) => {
    await using model = await freshPostgres(serverUrl);
    const stages = await stagesOf(model);
    await using place = await freshPostgres(serverUrl);
    for (const [at, count] of STATEMENTS.entries()) {
      for (const statement of chosenOf(count)) {
        await t.test(`at statement ${statement} of ${NAMES[at]}`, async () => {
          const { applied } = await schemaOf(place);
          const before = STATEMENTS.slice(applied.length, at).reduce((sum, n) => sum + 1 + n, 0);
          await using gate = await Gate.shut(place.url ?? "", before + 1 + statement);
          await using run = startMigrate(place);
          await gate.somebodyWaits();
          await run.kill();
          await gate.open();
          await gate.deadHaveGone();
          assert.deepEqual(await schemaOf(place), stages[at]);
        });
      }
    }
    assert.deepEqual(await migrateOnce(place), NAMES.slice(-1));
    assert.deepEqual(await schemaOf(place), stages.at(-1));
  });

  test("started twice has one winner, also when the first one is killed", async () => {
    await using place = await freshPostgres(serverUrl);
    for (const killed of [true, false]) {
      await using gate = await Gate.shut(place.url ?? "", 3);
      await using first = startMigrate(place);
      await gate.somebodyWaits();
      await using second = startMigrate(place);
      await gate.somebodyWaitsForMigrations();
      if (killed) {
        await first.kill();
        await second.kill();
        await gate.open();
        await gate.deadHaveGone();
        continue;
      }
      await gate.open();
      assert.deepEqual([await first.exited, await second.exited], [0, 0], second.output());
      const applied = [...appliedBy(first.output()), ...appliedBy(second.output())];
      assert.deepEqual(applied.sort(), NAMES);
    }
    assert.deepEqual(await migrateOnce(place), []);
  });

  test("beside a server that starts on the same empty database: both are served", async () => {
    await using place = await freshPostgres(serverUrl);
    const { dataFolder, url } = place;
    await using migrating = startMigrate(place);
    await using server = await startServerProcess({ dataFolder, databaseUrl: url });
    assert.equal(await migrating.exited, 0, migrating.output());
    assert.equal((await send(`${server.url}/ready`)).status, 200);
    assert.deepEqual((await schemaOf(place)).applied, NAMES);
  });
});

/** In `.ci/run` the middle and the last statement of a migration, in a larger run every one. */
function chosenOf(count: number): number[] {
  if (FAULT_SCALE > 1) return Array.from({ length: count }, (_, index) => index + 1);
  return [Math.ceil(count / 2), count];
}

describe("stoa migrate, on PGlite", () => {
  test("killed inside each migration leaves what was before, and goes on from there", async (t) => {
    await using place = await emptyPglite();
    await using model = await copyOf(place);
    const files = [tableFiles(model)];
    const stages = await stagesOf(model, () => void files.push(tableFiles(model)));
    const reached: number[] = [];
    for (const at of NAMES.keys()) {
      // A crash leaves files that belong to no table, so only what is added since counts.
      const applied = reached.at(-1) ?? 0;
      const [from = 0, before = 0, after = 0] = [files[applied], files[at], files[at + 1]];
      const enough = tableFiles(place) + (before + after) / 2 - from;
      await t.test(`inside ${NAMES[at]}`, async () => {
        await using run = startMigrate(place);
        const isInside = () => run.child.exitCode !== null || tableFiles(place) >= enough;
        await waitFor(isInside, { what: "it is in the migration", timeoutMs: PATIENCE_MS });
        await run.kill();
        const found = await schemaOf(place);
        reached.push(found.applied.length);
        assert.deepEqual(found.objects, stages[found.applied.length]?.objects);
      });
    }
    t.diagnostic(`migrations found after each kill: ${reached.join(", ")} of ${NAMES.length}`);
    assert.deepEqual(await migrateOnce(place), NAMES.slice(reached.at(-1)));
    assert.deepEqual(await schemaOf(place), stages.at(-1));
  });

  test("beside a process that uses the folder is refused with a sentence", async () => {
    await using place = await freshPglite();
    await using server = await startServerProcess({ dataFolder: place.dataFolder });
    await using run = startMigrate(place);
    assert.equal(await run.exited, 1);
    assert.match(run.output(), /in use/);
    assert.equal((await send(`${server.url}/ready`)).status, 200);
  });
});

/** Every table and index of PostgreSQL has a file, from its first moment on. */
function tableFiles({ dataFolder }: DatabasePlace): number {
  return readdirSync(path.join(dataFolder, "pglite", "base"), { recursive: true }).length;
}

/** PGlite's template has all migrations already; this place has none. */
async function emptyPglite(): Promise<DatabasePlace> {
  const place = await freshPglite();
  const host = await PgliteHost.open({
    folder: path.join(place.dataFolder, "pglite"),
    answerTimeoutMs: PATIENCE_MS,
    beforeRestart: () => {},
    clock: systemClock,
    log: createLog({ level: "silent" }),
  });
  await host.close();
  return place;
}

async function copyOf({ dataFolder }: DatabasePlace): Promise<DatabasePlace> {
  const copy = await freshPglite();
  const folderIn = (place: string) => path.join(place, "pglite");
  await cp(folderIn(dataFolder), folderIn(copy.dataFolder), { recursive: true });
  return copy;
}

/** Any key that nobody else uses: the chosen statement waits while the test has it. */
const GATE_KEY = 4_711;

/** Stops the n-th statement from now on that makes a table or an index, until it is opened. */
class Gate implements AsyncDisposable {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async shut(url: string, statement: number): Promise<Gate> {
    const client = new Client({ connectionString: url });
    await client.connect();
    // A sequence counts on whatever becomes of the transactions.
    await client.query(`
      drop schema if exists gate cascade;
      create schema gate;
      create sequence gate.statements;
      create function gate.stop() returns event_trigger language plpgsql as $$
      begin
        if nextval('gate.statements') = ${statement} then
          perform pg_advisory_xact_lock(${GATE_KEY});
        end if;
      end $$;
      select pg_advisory_lock(${GATE_KEY});
      create event trigger gate on ddl_command_start
        when tag in ('CREATE TABLE', 'CREATE INDEX') execute function gate.stop();
    `);
    return new Gate(client);
  }

  /** The statement is there, and its transaction is open. */
  somebodyWaits(): Promise<unknown> {
    return this.#untilWaiting(`objid = ${GATE_KEY}`, "the statement waits at the gate");
  }

  somebodyWaitsForMigrations(): Promise<unknown> {
    return this.#untilWaiting(`objid <> ${GATE_KEY}`, "the other one waits for its turn");
  }

  /** Lets it go on. */
  async open(): Promise<void> {
    await this.#client.query(`drop event trigger gate; select pg_advisory_unlock(${GATE_KEY})`);
  }

  /** Whose client is dead notices that when it has done what it was told, and takes it back. */
  async deadHaveGone(): Promise<void> {
    const query = `
      select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'stoa'
    `;
    const gone = async () => (await this.#client.query(query)).rowCount === 0;
    await waitFor(gone, { what: "the dead ones' sessions end", timeoutMs: PATIENCE_MS });
  }

  async #untilWaiting(condition: string, what: string): Promise<void> {
    const query = `
      select 1 from pg_locks
      where locktype = 'advisory' and not granted and ${condition}
        and database = (select oid from pg_database where datname = current_database())
    `;
    const found = async () => ((await this.#client.query(query)).rowCount ?? 0) > 0;
    await waitFor(found, { what, timeoutMs: PATIENCE_MS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
