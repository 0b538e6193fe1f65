import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { openDatabase } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { type BackgroundLoad, startBackgroundLoad } from "../support/background-load.ts";
import { freshPostgres } from "../support/database.ts";
import { send } from "../support/http-client.ts";
import { lasting } from "../support/lasting.ts";
import { callOver } from "../support/over-http.ts";
import { NO_POSTGRES, startPostgresServer } from "../support/postgres-server.ts";
import { auditSeats } from "../support/seat-audit.ts";
import { spawnStoa, startServerProcess } from "../support/server-process.ts";
import { mountSmallDisk, NO_SMALL_DISK } from "../support/small-disk.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * The disk under the database fills up under load: who writes is told to come back, nothing that
 * was acknowledged is lost, and the service goes on by itself once there is space.
 */

const MEGABYTE = 1_048_576;
/** Below what the embedded database wants to see free, and above what hurts it. */
const NEARLY_FULL_BYTES = 8 * MEGABYTE;
const FULL_MS = 1_500;
/** Tells a refusal from a hang; it is meant to come within a second. */
const REFUSED_MS_MAX = 5_000;
const HEALS_MS_MAX = 10_000;
const FILLS_UP = { what: "somebody is refused", timeoutMs: 30_000 };

function report(t: TestContext, { ledger }: BackgroundLoad, healedMs: number): void {
  const { acknowledged, statuses, slowestMs } = ledger;
  t.diagnostic(
    `${acknowledged.length} acknowledged, 0 lost, ${statuses.get(503)} refused, the slowest ` +
      `after ${Math.round(slowestMs)} ms; on again ${Math.round(healedMs)} ms after there was space`,
  );
  assert.ok(slowestMs < REFUSED_MS_MAX, `one waited ${slowestMs} ms`);
  assert.ok(healedMs < HEALS_MS_MAX, `it took ${healedMs} ms to go on`);
}

async function auditAt(where: { url?: string; dataFolder: string }): Promise<void> {
  const log = createLog({ level: "silent" });
  const database = await openDatabase({ ...where, poolSize: 1, clock: systemClock, log });
  await auditSeats(database).finally(() => database.close());
}

test("a full disk under PGlite", { skip: NO_SMALL_DISK }, async (t) => {
  await using disk = await mountSmallDisk(60 * MEGABYTE);
  const options = { dataFolder: disk.folder };
  const first = await startServerProcess(options);
  const where = { url: first.url };
  const statusOf = async (path: string) => (await send(`${where.url}${path}`)).status;
  const load = await startBackgroundLoad({ url: () => where.url, seed: "full" });
  try {
    await load.goesOn();
    disk.fill(NEARLY_FULL_BYTES);
    await waitFor(() => load.ledger.statuses.has(503), FILLS_UP);
    assert.deepEqual([await statusOf("/health"), await statusOf("/ready")], [200, 503]);
    const { cinemas } = await callOver(where.url)("cinema.list", {});
    assert.ok(cinemas.length > 0, "reading goes on");
    disk.fill();
    await lasting(FULL_MS);
    assert.deepEqual([await statusOf("/health"), await statusOf("/ready")], [200, 503]);
    disk.empty();
    const healedMs = await load.goesOn();
    await waitFor(async () => (await statusOf("/ready")) === 200, { what: "it is ready again" });
    await load.finish();
    report(t, load, healedMs);
    disk.fill();
  } finally {
    await first.kill();
  }
  await t.test("no start without space, and a start with it", async () => {
    await using starting = spawnStoa(options);
    assert.equal(await starting.exited, 1, "no start without space");
    assert.match(starting.output(), /bytes are free/);
    disk.empty();
    await using again = await startServerProcess(options);
    where.url = again.url;
    await load.finish();
    assert.equal(await again.stop(), 0, again.output());
  });
  await auditAt(options);
});

describe("a full disk under PostgreSQL", { skip: NO_SMALL_DISK || NO_POSTGRES }, () => {
  test("refuses what is written, and goes on when there is space", async (t) => {
    await using disk = await mountSmallDisk(96 * MEGABYTE);
    const settings = { min_wal_size: "2MB", max_wal_size: "8MB" };
    await using postgres = await startPostgresServer({ folder: disk.folder, settings });
    await using place = await freshPostgres(postgres.url);
    const { dataFolder, url } = place;
    await using server = await startServerProcess({ dataFolder, databaseUrl: url });
    const load = await startBackgroundLoad({ url: () => server.url, seed: "full" });
    await load.goesOn();
    disk.fill();
    await waitFor(() => load.ledger.statuses.has(503), FILLS_UP);
    await lasting(FULL_MS);
    assert.equal((await send(`${server.url}/health`)).status, 200);
    disk.empty();
    // It may have given up for want of space; whoever supervises it starts it again.
    if (!postgres.running()) await postgres.start();
    const healedMs = await load.goesOn();
    await load.finish();
    report(t, load, healedMs);
    await auditAt({ dataFolder, ...(url === undefined ? {} : { url }) });
  });
});
