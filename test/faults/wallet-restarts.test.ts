import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { auditLedgers, Bank } from "../support/bank.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { freshPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { NO_POSTGRES, startPostgresServer } from "../support/postgres-server.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * A bank whose PostgreSQL is restarted in a hurry under it, again and again: as after a crash, it
 * comes back with what was committed, and the bank goes on without a hand.
 */

const RESTARTS = scaled(2);
const PATIENCE_MS = 60_000;
const GOES_ON_MS_MAX = 30_000;
const GOES_ON_PAYMENTS = 20;

describe("a bank whose PostgreSQL is restarted in a hurry", { skip: NO_POSTGRES }, () => {
  test(`loses nothing, ${RESTARTS} times`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const postgres = stack.use(await startPostgresServer());
    const place = stack.use(await freshPostgres(postgres.url));
    const server = stack.use(
      await startServerProcess({
        dataFolder: place.dataFolder,
        databaseUrl: place.url,
        args: ["serve", "--only", "wallet"],
        env: { STOA_DEMO: "off" },
      }),
    );
    const url = () => server.url;
    const ledger = new CallLedger(url);
    const bank = await Bank.open({ url, ledger, seed: "restarted", patienceMs: PATIENCE_MS });
    const ending = new AbortController();
    const running = bank.run(ending.signal);
    running.catch(() => {});
    const goesOn = async () => {
      const before = ledger.acknowledged.length;
      const isOn = () => ledger.acknowledged.length >= before + GOES_ON_PAYMENTS;
      await waitFor(isOn, { what: "payments are accepted", timeoutMs: GOES_ON_MS_MAX });
    };
    const gapsMs: number[] = [];
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      await t.test(`restart ${restart}`, async () => {
        await goesOn();
        await bank.checkCut(place, [place]);
        await postgres.stop("immediate");
        await postgres.start();
        const upMs = performance.now();
        const before = ledger.acknowledged.length;
        const isOn = () => ledger.acknowledged.length > before;
        await waitFor(isOn, { what: "a payment is accepted", timeoutMs: GOES_ON_MS_MAX });
        gapsMs.push(performance.now() - upMs);
      });
    }
    await goesOn();
    ending.abort();
    await running;
    const ends = await bank.check();
    assert.equal(await server.stop(), 0, server.output());
    await auditLedgers([place]);
    gapsMs.sort((a, b) => a - b);
    const [median = 0, longest = 0] = [gapsMs[gapsMs.length >> 1], gapsMs.at(-1)];
    t.diagnostic(
      `${RESTARTS} restarts, ${ledger.acknowledged.length} accepted, ${JSON.stringify(ends)}, ` +
        `0 lost, none twice; on again ${Math.round(median)} ms after PostgreSQL in the median, ` +
        `${Math.round(longest)} ms at most; slowest answer ${Math.round(ledger.slowestMs)} ms`,
    );
  });
});
