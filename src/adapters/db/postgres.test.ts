import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { freshPostgres, onPostgres } from "../../../test/support/database.ts";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { createTcpProxy, type TcpProxy } from "../../../test/support/tcp-proxy.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Clock } from "../../core/clock.ts";
import {
  CommitUnknown,
  type Database,
  DatabaseUnavailable,
  sqlStateOf,
  type Tx,
} from "../../core/database.ts";
import { createLog } from "../log/pino.ts";
import { systemClock } from "../system/clock.ts";
import { systemRandom } from "../system/random.ts";
import { migrate } from "./migrate.ts";
import { openPostgres } from "./postgres.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;
const READ = { isolation: "repeatable read", readOnly: true } as const;

interface Behind {
  readonly database: Database;
  readonly proxy: TcpProxy;
}

/** A database of this test's own, reached through a network that can be broken. */
async function behindProxy(
  t: TestContext,
  serverUrl: string,
  { poolSize = 3, clock = systemClock }: { poolSize?: number; clock?: Clock } = {},
): Promise<Behind> {
  const place = await freshPostgres(serverUrl);
  const url = new URL(place.url ?? "");
  const proxy = await createTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  const log = createLog({ level: "silent" });
  const database = await openPostgres({ url: url.href, poolSize, clock, log });
  t.after(async () => {
    await database.close();
    await proxy.close();
    await place[Symbol.asyncDispose]();
  });
  await migrate(database, systemRandom);
  return { database, proxy };
}

function insertMeta(tx: Tx, key: string) {
  return sql`insert into stoa_meta (key, value) values (${key}, '')`.execute(tx.as());
}

function answers(database: Database): Promise<boolean> {
  return database.ping().then(
    () => true,
    () => false,
  );
}

function isPassing(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.passing;
}

onPostgres("a pool of connections", (_shared, serverUrl) => {
  test("recovers by itself when the server ends all connections", async (t) => {
    const { database } = await behindProxy(t, serverUrl);
    await Promise.all([database.ping(), database.ping(), database.ping()]);
    const terminated = database.transaction(READ, async (tx) => {
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
      `.execute(tx.as());
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.as());
    });
    const lost = (error: unknown) => isPassing(error) || sqlStateOf(error) === "57P01";
    await assert.rejects(terminated, lost);
    await waitFor(() => answers(database), { what: "the pool has connected again" });
  });

  test("calls the database unavailable while nobody answers, and then recovers", async (t) => {
    const { database, proxy } = await behindProxy(t, serverUrl);
    proxy.down();
    await assert.rejects(
      database.transaction(WRITE, async () => {}),
      isPassing,
    );
    await assert.rejects(database.ping(), isPassing);
    proxy.up();
    await waitFor(() => answers(database), { what: "the pool has connected again" });
  });

  test("calls a transaction failed when its connection breaks before COMMIT", async (t) => {
    const { database, proxy } = await behindProxy(t, serverUrl);
    const key = randomUUID();
    const broken = database.transaction(WRITE, async (tx) => {
      await insertMeta(tx, key);
      proxy.cut();
      await insertMeta(tx, `${key}-2`);
    });
    await assert.rejects(broken, isPassing);
    const { rows } = await sql`
      select key from stoa_meta where key = ${key}
    `.execute(database.single().as());
    assert.deepEqual(rows, []);
  });

  test("says that it does not know when the connection breaks in COMMIT", async (t) => {
    const { database, proxy } = await behindProxy(t, serverUrl);
    const breakAfter = (options: typeof WRITE | typeof READ) =>
      database.transaction(options, async (tx) => {
        await sql`select 1`.execute(tx.as());
        proxy.pause();
        void setImmediate().then(() => {
          proxy.cut();
          proxy.resume();
        });
      });
    await assert.rejects(breakAfter(WRITE), CommitUnknown);
    // What only read has nothing to be unsure of.
    await assert.rejects(breakAfter(READ), isPassing);
  });

  test("waits two seconds for a connection, and calls trying again pointless then", async (t) => {
    const { database } = await behindProxy(t, serverUrl, { poolSize: 1 });
    await database.transaction(WRITE, async (tx) => {
      const startedMs = performance.now();
      const tooMuch = (error: unknown) => error instanceof DatabaseUnavailable && !error.passing;
      await assert.rejects(database.ping(), tooMuch);
      const waitedMs = performance.now() - startedMs;
      assert.ok(waitedMs >= 1_900, `waited ${waitedMs} ms`);
      await sql`select 1`.execute(tx.as());
    });
    await database.ping();
  });

  test("has the server end long statements and idle transactions", async (t) => {
    const { database } = await behindProxy(t, serverUrl);
    const { rows } = await sql`
      select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle,
        current_setting('jit') as compiling
    `.execute(database.single().as());
    assert.deepEqual(rows, [{ statement: "5s", idle: "5s", compiling: "off" }]);
  });

  test("ends a transaction that asks nothing for five seconds, and only then", async (t) => {
    const clock = createManualClock(0);
    const { database } = await behindProxy(t, serverUrl, { clock });
    const idleFor = (ms: number) =>
      database.transaction(WRITE, async (tx) => {
        await insertMeta(tx, randomUUID());
        clock.advance(ms);
        await insertMeta(tx, randomUUID());
      });
    await idleFor(4_999);
    await assert.rejects(idleFor(5_000), isPassing);
    await database.ping();
  });

  test("gives up a statement that a silent network never answers", async (t) => {
    const clock = createManualClock(0);
    const { database, proxy } = await behindProxy(t, serverUrl, { clock });
    const silent = database.transaction(WRITE, async (tx) => {
      await insertMeta(tx, randomUUID());
      proxy.pause();
      const asked = insertMeta(tx, randomUUID());
      // The statement leaves within this turn of the event loop.
      await setImmediate();
      clock.advance(5_999);
      assert.equal(clock.pending(), 1);
      clock.advance(1);
      await asked;
    });
    await assert.rejects(silent, isPassing);
    proxy.resume();
    await waitFor(() => answers(database), { what: "the pool has connected again" });
  });

  test("refuses at once, in a sentence, what no waiting helps", async () => {
    const url = new URL(serverUrl);
    url.pathname = "/stoa_there_is_no_such_database";
    const log = createLog({ level: "silent" });
    const opening = openPostgres({ url: url.href, poolSize: 1, clock: systemClock, log });
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof DatabaseUnavailable && !error.passing);
      assert.match(error.message, /"stoa_there_is_no_such_database" does not exist/);
      return true;
    });
  });
});

onPostgres("serializable transactions", (shared) => {
  test("fail with the state that says to try again", async () => {
    const database = await shared();
    const keys = [randomUUID(), randomUUID()] as const;
    const skew = async (reads: string, writes: string, both: () => Promise<void>) =>
      database.transaction({ isolation: "serializable", readOnly: false }, async (tx) => {
        await sql`select * from stoa_meta where key = ${reads}`.execute(tx.as());
        await both();
        await insertMeta(tx, writes);
      });
    let arrived = 0;
    const both = async () => {
      arrived += 1;
      await waitFor(() => arrived === 2, { what: "both have read" });
    };
    const results = await Promise.allSettled([
      skew(keys[0], keys[1], both),
      skew(keys[1], keys[0], both),
    ]);
    const states = results.flatMap((result) =>
      result.status === "rejected" ? [sqlStateOf(result.reason)] : [],
    );
    assert.deepEqual(states, ["40001"]);
  });
});
