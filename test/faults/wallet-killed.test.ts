import assert from "node:assert/strict";
import { test } from "node:test";
import { fraction } from "../../src/core/random.ts";
import { auditLedgers, Bank } from "../support/bank.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { freshDatabase } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * SIGKILL of the server in the middle of payments, again and again: every payment that was
 * acknowledged is there and ends, once, and no money comes or goes.
 */

const KILLS = scaled(3);
/** Kills that one bank lives through until its books are held against what was said. */
const KILLS_PER_BANK = 10;
const KILLED_AFTER_MS = { least: 50, most: 500 };
/** However busy the machine is, the kill hits customers who have something to lose. */
const ACKNOWLEDGED_BEFORE = 5;
const GOES_ON_MS_MAX = 30_000;

test(`a bank whose server is killed ${KILLS} times loses nothing`, async (t) => {
  await using place = await freshDatabase();
  const options = {
    dataFolder: place.dataFolder,
    databaseUrl: place.url,
    args: ["serve", "--only", "wallet"],
    env: { STOA_DEMO: "off" },
  };
  const random = createSeededRandom("bank killed");
  const startsMs: number[] = [];
  const counts = { accepted: 0, SUCCESSFUL: 0, INVALID: 0, FAILED: 0, longestMs: 0 };
  let url = "";
  let bank: Bank | undefined;
  let ledger = new CallLedger(() => url);
  const start = async (): Promise<ServerProcess> => {
    const startedMs = performance.now();
    const server = await startServerProcess(options);
    startsMs.push(performance.now() - startedMs);
    ({ url } = server);
    return server;
  };
  const close = async () => {
    const ended = await bank?.check();
    if (ended === undefined) return;
    counts.accepted += ledger.acknowledged.length;
    counts.longestMs = Math.max(counts.longestMs, ended.longestMs);
    for (const status of ["SUCCESSFUL", "INVALID", "FAILED"] as const) {
      counts[status] += ended[status];
    }
  };

  for (let round = 0; round < KILLS; round += 1) {
    await t.test(`round ${round + 1}`, async () => {
      await using server = await start();
      if (round % KILLS_PER_BANK === 0) {
        await close();
        ledger = new CallLedger(() => url);
        bank = await Bank.open({ url: () => url, ledger, seed: `killed ${round}` });
      }
      const before = ledger.acknowledged.length;
      const running = bank?.run(new AbortController().signal);
      const hasBegun = () => ledger.acknowledged.length >= before + ACKNOWLEDGED_BEFORE;
      await waitFor(hasBegun, { what: "payments are accepted", timeoutMs: GOES_ON_MS_MAX });
      const { least, most } = KILLED_AFTER_MS;
      await lasting(least + fraction(random) * (most - least));
      await server.kill();
      await running;
    });
  }
  await using server = await start();
  await close();
  assert.equal(await server.stop(), 0, server.output());
  await auditLedgers([place]);
  startsMs.sort((a, b) => a - b);
  const [median = 0, longest = 0] = [startsMs[startsMs.length >> 1], startsMs.at(-1)];
  t.diagnostic(
    `${KILLS} kills, ${JSON.stringify(counts)}, 0 lost, none twice; ready again after ` +
      `${Math.round(median)} ms in the median, ${Math.round(longest)} ms at most`,
  );
});
