import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fraction } from "../../src/core/random.ts";
import { verifyLedgers } from "../../src/modules/wallet/desk/verify.ts";
import { Bank } from "../support/bank.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { type DatabasePlace, freshPglite, freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { freePort } from "../support/own-server.ts";
import { NO_POSTGRES, startPostgresServer } from "../support/postgres-server.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * The bank, while what carries its money is killed, restarted or stands still: every payment that
 * was acknowledged is there and ends, once, and no money comes or goes.
 */

const KILLS = scaled(2);
const KILLED_AFTER_MS = { least: 50, most: 500 };
const RESTARTS = scaled(2);
const SHARD_FAULTS = scaled(1);
/** For less and for more than a payment may take to be decided. */
const SHARD_AWAY_MS = [1_000, 12_000, 300];
const BETWEEN_FAULTS_MS = 400;
const PATIENCE_MS = 60_000;
const GOES_ON_MS_MAX = 30_000;
const ALONE = { STOA_DEMO: "off" };

/** Waits until so many more payments are acknowledged. */
async function goesOn(ledger: CallLedger, more = 20): Promise<void> {
  const before = ledger.acknowledged.length;
  const isOn = () => ledger.acknowledged.length >= before + more;
  await waitFor(isOn, { what: "payments are accepted", timeoutMs: GOES_ON_MS_MAX });
}

/** With nobody at work, as whoever looks for the cause would find the tables. */
async function audit(place: DatabasePlace): Promise<void> {
  const database = await place.openEmpty();
  try {
    const { findings, unfinished } = await verifyLedgers(database);
    assert.deepEqual({ findings, unfinished }, { findings: [], unfinished: 0 });
  } finally {
    await database.close();
  }
}

function report(t: TestContext, what: string, ledgers: readonly CallLedger[]): void {
  const count = ledgers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  t.diagnostic(`${what}: ${count} payments acknowledged, 0 lost, none twice`);
}

async function killRepeatedly(t: TestContext, place: DatabasePlace): Promise<void> {
  const options = { dataFolder: place.dataFolder, databaseUrl: place.url, env: ALONE };
  const random = createSeededRandom("bank killed");
  const ledgers: CallLedger[] = [];
  let url = "";
  let last: Bank | undefined;
  const start = async () => {
    const server = await startServerProcess(options);
    ({ url } = server);
    return server;
  };
  for (let round = 1; round <= KILLS; round += 1) {
    await t.test(`round ${round}`, async () => {
      await using server = await start();
      await last?.check();
      const ledger = new CallLedger(() => url);
      ledgers.push(ledger);
      last = await Bank.open({ url: () => url, ledger, seed: `killed ${round}` });
      const running = last.run(new AbortController().signal);
      await goesOn(ledger, 5);
      const { least, most } = KILLED_AFTER_MS;
      await lasting(least + fraction(random) * (most - least));
      await server.kill();
      await running;
    });
  }
  await using server = await start();
  await last?.check();
  assert.equal(await server.stop(), 0, server.output());
  await audit(place);
  report(t, `killed ${KILLS} times`, ledgers);
}

describe("a bank whose server is killed, on PGlite", () => {
  test(`loses nothing, ${KILLS} times`, async (t) => {
    await using place = await freshPglite();
    await killRepeatedly(t, place);
  });
});

onPostgres("a bank whose server is killed", (_database, serverUrl) => {
  test(`loses nothing, ${KILLS} times`, async (t) => {
    await using place = await freshPostgres(serverUrl);
    await killRepeatedly(t, place);
  });
});

describe("a bank whose PostgreSQL is restarted in a hurry", { skip: NO_POSTGRES }, () => {
  test(`loses nothing, ${RESTARTS} times`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const postgres = stack.use(await startPostgresServer());
    const place = stack.use(await freshPostgres(postgres.url));
    const options = { dataFolder: place.dataFolder, databaseUrl: place.url, env: ALONE };
    const server = stack.use(await startServerProcess(options));
    const url = () => server.url;
    const ledger = new CallLedger(url);
    const bank = await Bank.open({ url, ledger, seed: "restarted", patienceMs: PATIENCE_MS });
    const ending = new AbortController();
    const running = bank.run(ending.signal);
    running.catch(() => {});
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      await t.test(`restart ${restart}`, async () => {
        await goesOn(ledger);
        const reading = await place.openEmpty();
        await bank.readAtOnce(reading).finally(() => reading.close());
        await postgres.stop("immediate");
        await postgres.start();
      });
    }
    await goesOn(ledger);
    ending.abort();
    await running;
    await bank.check();
    assert.equal(await server.stop(), 0, server.output());
    await audit(place);
    report(t, `restarted ${RESTARTS} times`, [ledger]);
  });
});

onPostgres("a bank whose shards are processes", (_database, serverUrl) => {
  test(`loses nothing when they are killed or stand still, ${SHARD_FAULTS} times each`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const places: DatabasePlace[] = [];
    for (let count = 0; count < 3; count += 1) {
      places.push(stack.use(await freshPostgres(serverUrl)));
    }
    const [journal, ...ledgers] = places as [DatabasePlace, ...DatabasePlace[]];
    const addresses = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
    const startShard = (at: number) => {
      const { dataFolder = "", url = "" } = ledgers[at] ?? {};
      const args = ["shard", "-a", addresses[at] ?? "", "-d", url];
      return startServerProcess({ dataFolder, args });
    };
    const shards: ServerProcess[] = [await startShard(0), await startShard(1)];
    stack.defer(async () => {
      for (const shard of shards) await shard.kill();
    });
    const named = addresses.map((address, at) => [`SHARD_ADDRESS_${at}`, address]);
    const server = stack.use(
      await startServerProcess({
        dataFolder: journal.dataFolder,
        databaseUrl: journal.url,
        env: { ...ALONE, ...Object.fromEntries(named) },
      }),
    );
    const url = () => server.url;
    const ledger = new CallLedger(url);
    const bank = await Bank.open({ url, ledger, seed: "shards", patienceMs: PATIENCE_MS });
    const ending = new AbortController();
    const running = bank.run(ending.signal);
    running.catch(() => {});
    for (let fault = 0; fault < SHARD_FAULTS; fault += 1) {
      const [one, other] = fault % 2 === 0 ? [0, 1] : [1, 0];
      const awayMs = SHARD_AWAY_MS[fault % SHARD_AWAY_MS.length] ?? 0;
      await t.test(`away for ${awayMs} ms`, async () => {
        await goesOn(ledger);
        await shards[one]?.kill();
        await lasting(awayMs);
        shards[one] = await startShard(one);
        await lasting(BETWEEN_FAULTS_MS);
        shards[other]?.pause();
        await lasting(awayMs);
        shards[other]?.resume();
        await lasting(BETWEEN_FAULTS_MS);
      });
    }
    await goesOn(ledger);
    ending.abort();
    await running;
    await bank.check();
    assert.equal(await server.stop(), 0, server.output());
    for (const shard of shards) assert.equal(await shard.stop(), 0, shard.output());
    for (const place of places) await audit(place);
    report(t, `${SHARD_FAULTS} kills and pauses of shards`, [ledger]);
  });
});
