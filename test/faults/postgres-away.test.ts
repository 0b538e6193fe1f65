import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { type BackgroundLoad, startBackgroundLoad } from "../support/background-load.ts";
import { type DatabasePlace, freshPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { send } from "../support/http-client.ts";
import { lasting } from "../support/lasting.ts";
import {
  NO_POSTGRES,
  type PostgresServer,
  startPostgresServer,
} from "../support/postgres-server.ts";
import { auditSeats } from "../support/seat-audit.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * A PostgreSQL server that goes away under load, and comes back: restarted in a hurry, killed, or
 * silent with its connections open. Callers are told to come back in a second and lose nothing,
 * and the service goes on without a hand.
 */

const RESTARTS = scaled(5);
const BETWEEN_RESTARTS_MS = 300;
/** Longer than a statement may take, so that calls under way are given up. */
const SILENCE_MS = 7_000;
/** While PostgreSQL refuses, nobody waits for longer. */
const REFUSED_MS_MAX = 5_000;
/** While it is silent, a call ends at its own limit; a busy machine may add to it. */
const SILENT_MS_MAX = 15_000;
const RECOVERS_MS_MAX = 10_000;
/** Answers of the service and its refusals; 0 would be a connection that broke. */
const STATUSES = new Set([200, 409, 503, 504]);

describe("a PostgreSQL that goes away", { skip: NO_POSTGRES }, () => {
  let postgres: PostgresServer;
  let place: DatabasePlace;
  let server: ServerProcess;
  before(async () => {
    postgres = await startPostgresServer();
    place = await freshPostgres(postgres.url);
    server = await startServerProcess({ dataFolder: place.dataFolder, databaseUrl: place.url });
  });
  after(async () => {
    await server?.kill();
    await place?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  const statusOf = async (path: string) => (await send(`${server.url}${path}`)).status;
  const isReady = async () => (await statusOf("/ready")) === 200;

  async function check(t: TestContext, load: BackgroundLoad, gapsMs: number[]): Promise<void> {
    await load.finish();
    const database = await place.openEmpty();
    await auditSeats(database).finally(() => database.close());
    const { acknowledged, statuses, slowestMs } = load.ledger;
    for (const status of statuses.keys()) assert.ok(STATUSES.has(status), `status ${status}`);
    gapsMs.sort((a, b) => a - b);
    const [median = 0, longest = 0] = [gapsMs[gapsMs.length >> 1], gapsMs.at(-1)];
    const refused = statuses.get(503) ?? 0;
    t.diagnostic(
      `${gapsMs.length} times, ${acknowledged.length} acknowledged, 0 lost, ${refused} refused; ` +
        `on again ${Math.round(median)} ms after PostgreSQL in the median, ` +
        `${Math.round(longest)} ms at most; slowest answer ${Math.round(slowestMs)} ms`,
    );
    assert.ok(longest < RECOVERS_MS_MAX, `it took ${longest} ms to go on`);
  }

  test(`restarted in a hurry, ${RESTARTS} times`, async (t) => {
    const load = await startBackgroundLoad({ url: () => server.url, seed: "immediate" });
    const gapsMs: number[] = [];
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await load.goesOn();
      await lasting(BETWEEN_RESTARTS_MS);
      await postgres.stop("immediate");
      assert.deepEqual([await statusOf("/health"), await statusOf("/ready")], [200, 503]);
      await postgres.start();
      gapsMs.push(await load.goesOn());
    }
    await check(t, load, gapsMs);
    assert.ok(load.ledger.slowestMs < REFUSED_MS_MAX, `one waited ${load.ledger.slowestMs} ms`);
    assert.ok(await isReady());
  });

  test("killed with all its processes", async (t) => {
    const load = await startBackgroundLoad({ url: () => server.url, seed: "killed" });
    await load.goesOn();
    await postgres.kill();
    await waitFor(() => load.ledger.statuses.has(503), { what: "somebody is refused" });
    await postgres.start();
    await check(t, load, [await load.goesOn()]);
    assert.ok(load.ledger.slowestMs < REFUSED_MS_MAX, `one waited ${load.ledger.slowestMs} ms`);
  });

  test("silent for seconds with its connections open", async (t) => {
    const load = await startBackgroundLoad({ url: () => server.url, seed: "silent" });
    await load.goesOn();
    postgres.pause();
    const silentFromMs = performance.now();
    assert.equal(await statusOf("/ready"), 503);
    assert.equal(await statusOf("/health"), 200);
    await lasting(SILENCE_MS - (performance.now() - silentFromMs));
    postgres.resume();
    await check(t, load, [await load.goesOn()]);
    assert.ok(load.ledger.slowestMs < SILENT_MS_MAX, `one waited ${load.ledger.slowestMs} ms`);
    await waitFor(isReady, { what: "the service is ready again" });
  });
});
