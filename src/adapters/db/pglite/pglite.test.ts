import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { freshPglite } from "../../../../test/support/database.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import {
  CommitUnknown,
  type Database,
  DatabaseUnavailable,
  type Tx,
} from "../../../core/database.ts";
import { createLog } from "../../log/pino.ts";
import { systemClock } from "../../system/clock.ts";
import { systemRandom } from "../../system/random.ts";
import { createEventLog } from "../event-log.ts";
import { migrate } from "../migrate.ts";
import { createPgliteDatabase } from "./database.ts";
import { FREE_BYTES_MIN, FreeSpace } from "./free-space.ts";
import { PgliteHost } from "./host.ts";
import { openPglite, type PgliteOptions } from "./open.ts";
import { layOutDatabase } from "./template.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;
const READ = { isolation: "repeatable read", readOnly: true } as const;
const VICTIM = fileURLToPath(import.meta.resolve("../../../../test/support/database-victim.ts"));

interface Folder {
  readonly dataFolder: string;
  /** Opened anew, and closed with the test. */
  open(options?: Partial<PgliteOptions>): Promise<Database>;
  /** Closes the database with the test, before the folder goes. */
  closeLater(database: Database): void;
}

async function newFolder(t: TestContext): Promise<Folder> {
  const place = await freshPglite();
  const { dataFolder } = place;
  const opened: Database[] = [];
  t.after(async () => {
    for (const database of opened) await database.close();
    await place[Symbol.asyncDispose]();
  });
  return {
    dataFolder,
    closeLater: (database) => void opened.push(database),
    async open(options = {}) {
      const log = createLog({ level: "silent" });
      const database = await openPglite({ dataFolder, clock: systemClock, log, ...options });
      opened.push(database);
      await migrate(database, systemRandom);
      return database;
    },
  };
}

function insertMeta(tx: Tx, key: string) {
  return sql`insert into stoa_meta (key, value) values (${key}, '')`.execute(tx.as());
}

async function metaKeysIn(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from stoa_meta where key <> 'epoch' order by key
  `.execute(tx.as());
  return rows.map(({ key }) => key);
}

function metaKeys(database: Database): Promise<string[]> {
  return metaKeysIn(database.single());
}

/** A restart takes some tenths of a second, and more where many tests share a machine. */
async function isBack(database: Database): Promise<void> {
  const answers = () =>
    database.ping().then(
      () => true,
      () => false,
    );
  await waitFor(answers, { what: "PGlite is back", timeoutMs: 20_000 });
}

/** Occupies PGlite's thread for as long as it is let. */
function endless(tx: Tx) {
  return sql`select count(*) from generate_series(1, 1000000000000)`.execute(tx.as());
}

function unavailable(error: unknown): boolean {
  return error instanceof DatabaseUnavailable;
}

test("PGlite ends a statement that takes too long, and is back soon", async (t) => {
  const database = await (await newFolder(t)).open({ answerTimeoutMs: 1_500 });
  await database.transaction(WRITE, (tx) => insertMeta(tx, "before"));
  const slow = database.transaction(WRITE, async (tx) => {
    await insertMeta(tx, "within");
    await endless(tx);
  });
  await assert.rejects(slow, unavailable);
  const endedMs = performance.now();
  await isBack(database);
  t.diagnostic(`back after ${Math.round(performance.now() - endedMs)} ms`);
  await database.transaction(WRITE, (tx) => insertMeta(tx, "beside"));
  assert.deepEqual(await metaKeys(database), ["before", "beside"]);
});

test("PGlite does not know of a commit that its end interrupted", async (t) => {
  const database = await (await newFolder(t)).open({ answerTimeoutMs: 1_500 });
  await database.transaction(WRITE, async (tx) => {
    await sql
      .raw(`
        create table slow (id integer);
        create function never_ends() returns trigger language plpgsql as
          'begin perform count(*) from generate_series(1, 1000000000000); return null; end';
        create constraint trigger slow_commit after insert on slow
          deferrable initially deferred for each row execute function never_ends();
      `)
      .execute(tx.as());
  });
  const slow = database.transaction(WRITE, (tx) =>
    sql`insert into slow values (1)`.execute(tx.as()),
  );
  await assert.rejects(slow, CommitUnknown);
  await isBack(database);
});

test("PGlite's next session runs no statement of a transaction that its end tore", async (t) => {
  const folder = await newFolder(t);
  const { dataFolder } = folder;
  const log = createLog({ level: "silent" });
  const clock = systemClock;
  const data = path.join(dataFolder, "pglite");
  await layOutDatabase(data, { clock, log });
  const beforeRestart = () => {};
  const host = await PgliteHost.open({
    folder: data,
    answerTimeoutMs: 5_000,
    beforeRestart,
    clock,
    log,
  });
  const freeSpace = new FreeSpace(dataFolder, clock);
  const database = createPgliteDatabase({ host, freeSpace, clock, log });
  folder.closeLater(database);
  await database.transaction(WRITE, (tx) => insertMeta(tx, "kept"));
  const torn = database.transaction(WRITE, async (tx) => {
    await insertMeta(tx, "torn-1");
    await (await host.link()).terminate();
    // The connection is free for others although this transaction goes on.
    await isBack(database);
    await insertMeta(tx, "torn-2");
  });
  await assert.rejects(torn, unavailable);
  assert.deepEqual(await metaKeys(database), ["kept"]);
});

test("PGlite comes back from a panic, with all that was acknowledged", async (t) => {
  const folder = await newFolder(t);
  const { dataFolder } = folder;
  const database = await folder.open();
  // The name of the next segment of the log while it is made; a folder there stops the server.
  const obstacle = path.join(dataFolder, "pglite", "pg_wal", "xlogtemp.42");
  await mkdir(obstacle);
  const acknowledged: string[] = [];
  let acknowledgedAtMs = 0;
  const panicking = async () => {
    for (let n = 0; n < 1_000; n += 1) {
      const key = `${String(n).padStart(4, "0")} ${"x".repeat(2_000)}`;
      await database.transaction(WRITE, (tx) => insertMeta(tx, key));
      acknowledged.push(key);
      acknowledgedAtMs = performance.now();
      await database.transaction(WRITE, (tx) =>
        sql`select pg_logical_emit_message(true, 'test', repeat('x', 100000))`.execute(tx.as()),
      );
    }
  };
  await assert.rejects(
    panicking(),
    (error) => unavailable(error) || error instanceof CommitUnknown,
  );
  assert.ok(performance.now() - acknowledgedAtMs < 4_000, "nobody waited for the watchdog");
  await rmdir(obstacle);
  await isBack(database);
  const kept = await metaKeys(database);
  assert.deepEqual(kept.slice(0, acknowledged.length), acknowledged);
});

test("PGlite ends a transaction that asks nothing, so that others have their turn", async (t) => {
  const clock = createManualClock(Date.now());
  const database = await (await newFolder(t)).open({ clock });
  let goOn: (() => void) | undefined;
  const forgotten = database.transaction(WRITE, async (tx) => {
    await insertMeta(tx, "forgotten");
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await insertMeta(tx, "forgotten, too");
  });
  const failed = assert.rejects(forgotten, unavailable);
  await waitFor(() => goOn !== undefined, { what: "the transaction asks nothing" });
  const next = database.ping();
  clock.advance(5_000);
  await next;
  goOn?.();
  await failed;
  assert.deepEqual(await metaKeys(database), []);
});

test("PGlite refuses to write when space is short, and only then", async (t) => {
  let freeBytes = FREE_BYTES_MIN;
  const database = await (await newFolder(t)).open({ freeBytesOf: () => freeBytes });
  await database.transaction(WRITE, (tx) => insertMeta(tx, "room"));
  freeBytes = FREE_BYTES_MIN - 1;
  const refused = (error: unknown) => error instanceof DatabaseUnavailable && !error.passing;
  const startedMs = performance.now();
  await assert.rejects(
    database.transaction(WRITE, (tx) => insertMeta(tx, "full")),
    refused,
  );
  assert.ok(performance.now() - startedMs < 5_000);
  await assert.rejects(database.ping(), refused);
  assert.deepEqual(await database.transaction(READ, metaKeysIn), ["room"]);
  freeBytes = FREE_BYTES_MIN;
  await database.ping();
  await database.transaction(WRITE, (tx) => insertMeta(tx, "room again"));
});

test("PGlite is vacuumed after many writes, and a long log is cut sooner", async (t) => {
  const upkeep = { writesMax: 600, logBytesMax: 100_000 };
  const database = await (await newFolder(t)).open({ upkeep });
  const state = async () => {
    const { rows } = await sql<{ redo: string; vacuumed: boolean }>`
      select (select redo_lsn::text from pg_control_checkpoint()) as redo,
        last_vacuum is not null as vacuumed
      from pg_stat_user_tables where relname = 'stoa_meta'
    `.execute(database.single().as());
    assert.ok(rows[0] !== undefined);
    return rows[0];
  };
  const before = await state();
  assert.equal(before.vacuumed, false);
  const write = (n: number) => database.transaction(WRITE, (tx) => insertMeta(tx, `key ${n}`));
  for (let n = 0; n < 520; n += 1) await write(n);
  await waitFor(async () => (await state()).redo !== before.redo, { what: "a checkpoint" });
  assert.equal((await state()).vacuumed, false);
  for (let n = 520; n < 620; n += 1) await write(n);
  await waitFor(async () => (await state()).vacuumed, { what: "the table is vacuumed" });
});

test("PGlite loses nothing that was acknowledged when its process is killed", async (t) => {
  const folder = await newFolder(t);
  const { dataFolder } = folder;
  let acknowledged = 0;
  for (const acknowledgements of [1, 40, 300]) {
    const writer = spawn(process.execPath, [VICTIM, "write", dataFolder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => writer.kill("SIGKILL"));
    acknowledged = await readThenKill(writer, acknowledgements);
  }
  const database = await folder.open();
  const events = await database.transaction(READ, (tx) =>
    createEventLog().range(tx, "crash", 0, 10_000),
  );
  assert.ok(acknowledged >= 2 * 341);
  assert.ok(events.length >= acknowledged, `${events.length} of ${acknowledged} are left`);
  assert.equal(events.length % 2, 0);
  assert.deepEqual(
    events.map(({ offset }) => offset),
    events.map((_, at) => at + 1),
  );
});

test("a second process is refused the folder that PGlite has open", async (t) => {
  const folder = await newFolder(t);
  const { dataFolder } = folder;
  const database = await folder.open();
  const writer = spawn(process.execPath, [VICTIM, "write", dataFolder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  writer.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const [code] = await once(writer, "exit");
  assert.notEqual(code, 0);
  assert.match(complaint, new RegExp(`is in use by the process ${process.pid}\\. Stop that one`));
  await database.ping();
});

test("PGlite leaves nothing running and no lock when it is closed", async (t) => {
  const folder = await newFolder(t);
  const resources = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort");
  const before = resources().length;
  const database = await folder.open();
  assert.ok(resources().length > before);
  await Promise.all([database.close(), database.close()]);
  assert.equal(resources().length, before);
  await assert.rejects(database.ping(), unavailable);
  const again = await folder.open();
  await again.ping();
});

test("what is left of a damaged database is not overwritten, and said to be damaged", async (t) => {
  const folder = await newFolder(t);
  const { dataFolder } = folder;
  await (await folder.open()).close();
  const data = path.join(dataFolder, "pglite");
  await writeFile(path.join(data, "PG_VERSION"), "17\n");
  await assert.rejects(folder.open(), (error) => {
    assert.ok(error instanceof DatabaseUnavailable);
    assert.match(error.message, /could not open .* initialized by PostgreSQL version 17/s);
    return true;
  });
  await rm(path.join(data, "PG_VERSION"));
  await assert.rejects(folder.open(), /holds no whole database/);
  assert.ok((await readdir(data)).includes("base"));
  assert.deepEqual(await readdir(dataFolder), ["pglite"]);
});

/** Kills the writer after so many acknowledgements; answers the last offset that it printed. */
async function readThenKill(writer: ChildProcess, acknowledgements: number): Promise<number> {
  assert.ok(writer.stdout);
  let [lines, last] = [0, 0];
  for await (const line of createInterface(writer.stdout)) {
    lines += 1;
    last = Number(line);
    if (lines === acknowledgements) writer.kill("SIGKILL");
  }
  assert.ok(lines >= acknowledgements);
  return last;
}
