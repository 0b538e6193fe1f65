import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe } from "node:test";
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
  /** Opens it as it is. */
  openEmpty(log?: Log): Promise<MigratableDatabase>;
}

type Shared = () => Promise<Database>;

/** Closes what the whole process shares; the runner waits for a worker that lives. */
const closers: Array<() => Promise<void>> = [];
after(async () => {
  for (const close of closers.splice(0)) await close();
});

const sharedPglite = once(() => openShared(freshPglite()));
const sharedPostgres = once(() => openShared(freshPostgres(SERVER_URL ?? "")));

/**
 * The one database that all tests of this process share: PGlite, or the server of `DATABASE_URL`.
 * Each test makes its own rows in it.
 */
export function testDatabase(): Promise<Database> {
  return SERVER_URL === undefined ? sharedPglite() : sharedPostgres();
}

/** Describes the same behaviour of both engines; says aloud when there is no server. */
export function onEachEngine(
  what: string,
  body: (database: Shared, engine: Database["engine"]) => void,
): void {
  describe(`${what}, on PGlite`, () => body(sharedPglite, "pglite"));
  onPostgres(what, () => body(sharedPostgres, "postgres"));
}

/** Describes what can be shown on a server only, such as two transactions at once. */
export function onPostgres(
  what: string,
  body: (database: Shared, serverUrl: string) => void,
): void {
  const skip =
    SERVER_URL === undefined && "DATABASE_URL is not set: nothing is shown for PostgreSQL";
  describe(`${what}, on PostgreSQL`, { skip }, () => body(sharedPostgres, SERVER_URL ?? ""));
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

async function openShared(made: Promise<DatabasePlace>): Promise<Database> {
  const where = await made;
  closers.push(async () => where[Symbol.asyncDispose]());
  const database = await where.open();
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
  const openEmpty = (log = quiet) =>
    openDatabase({ url, dataFolder, poolSize: POOL_SIZE, clock: systemClock, log });
  return {
    url,
    dataFolder,
    openEmpty,
    async open(log) {
      const database = await openEmpty(log);
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
