import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { Client } from "pg";
import { type MigratableDatabase, migrate, openDatabase } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import type { Database } from "../../src/core/database.ts";
import type { Log } from "../../src/core/log.ts";

/** The server that tests use when there is one; each makes databases of its own there. */
export const SERVER_URL = process.env["DATABASE_URL"];

const POOL_SIZE = 10;
const quiet = createLog({ level: "silent" });

/** Where a database is, so that a test can open it again. */
export interface DatabasePlace extends AsyncDisposable {
  /** Undefined for PGlite. */
  readonly url: string | undefined;
  /** PGlite's data is in here; empty otherwise. */
  readonly dataFolder: string;
  /** Opens and migrates it. The caller closes it, before the place is disposed of. */
  open(log?: Log): Promise<MigratableDatabase>;
}

let shared: Promise<Database> | undefined;

/** Closes what the whole process shares; the runner waits for a worker that lives. */
const closers: Array<() => Promise<void>> = [];
after(async () => {
  for (const close of closers.splice(0)) await close();
});

/** The one database that all tests of this process share; each test makes its own rows in it. */
export function testDatabase(): Promise<Database> {
  shared ??= openShared();
  return shared;
}

async function openShared(): Promise<Database> {
  const place = await freshDatabase();
  closers.push(async () => place[Symbol.asyncDispose]());
  const database = await place.open();
  closers.unshift(() => database.close());
  return database;
}

/** A place for a database of one's own, on the engine that this run tests. */
export function freshDatabase(): Promise<DatabasePlace> {
  return SERVER_URL === undefined ? freshPglite() : freshPostgres(SERVER_URL);
}

export async function freshPglite(): Promise<DatabasePlace> {
  return place(undefined, await temporaryFolder(), async () => {});
}

export async function freshPostgres(serverUrl: string): Promise<DatabasePlace> {
  const name = `stoa_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return place(url.href, await temporaryFolder(), () =>
    onServer(serverUrl, `drop database if exists ${name} with (force)`),
  );
}

function place(
  url: string | undefined,
  dataFolder: string,
  drop: () => Promise<void>,
): DatabasePlace {
  return {
    url,
    dataFolder,
    async open(log = quiet) {
      const options = { url, dataFolder, poolSize: POOL_SIZE, clock: systemClock, log };
      const database = await openDatabase(options);
      await migrate(database, systemRandom);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await drop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "stoa-test-"));
}

/** Runs a statement that no transaction can hold. */
async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
