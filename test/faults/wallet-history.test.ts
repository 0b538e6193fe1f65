import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { Database } from "../../src/core/database.ts";
import { auditLedgers } from "../support/bank.ts";
import { onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { HistoryCrowd } from "../support/history-crowd.ts";
import { findAnomalies, type ListHistory } from "../support/list-history.ts";
import { inflict, planFaults } from "../support/nemesis.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { waitFor } from "../support/wait-for.ts";
import { startWalletCluster } from "../support/wallet-cluster.ts";
import { readCut } from "../support/wallet-cut.ts";

/**
 * What clients see of wallets while money moves between shards that are processes, and these and
 * the service are killed meanwhile: each wallet's transactions and each one's statement is a list
 * that only grows, in every read and by the clock, and a transfer that was seen to be successful is
 * in every statement of both its wallets that is read after.
 */

const TRANSFERS = scaled(2_000);
const READS = scaled(1_000);
const SEED = "history";
const ROUNDS = Math.ceil(TRANSFERS / 20_000);
const AWAY = { leastMs: 100, mostMs: 1_000, longMs: 1_500 };
/** In the smallest unit, as every new wallet is given. */
const GRANT = 100_000n;
const ENDS_WITHIN_MS = 30_000;
const GOES_ON_MS_MAX = 110_000;

onPostgres("what is seen of wallets", (_database, serverUrl) => {
  test(`${TRANSFERS} transfers and ${READS} reads are a history without anomalies`, async (t) => {
    await using cluster = await startWalletCluster(serverUrl);
    const { service, shards, journal, ledgers } = cluster;
    const crowd = await HistoryCrowd.gather({
      url: service.url,
      random: createSeededRandom(SEED),
      transfers: TRANSFERS,
      reads: READS,
    });
    for (const [at, open] of crowd.openings.entries()) {
      await t.test(`person ${at + 1} opens wallets`, open);
    }
    const total = GRANT * BigInt(crowd.wallets.length);
    const victims = [
      { ...service, name: "the service" },
      ...shards.map((shard, at) => ({ ...shard, name: `shard ${at}` })),
    ];
    const plan = planFaults(victims, { seed: SEED, rounds: ROUNDS, away: AWAY });
    const startedMs = performance.now();
    const running = crowd.run();
    running.catch(() => {});
    for (const [at, fault] of plan.entries()) {
      await t.test(`${fault.victim.name} ${fault.harm}, ${at + 1} of ${plan.length}`, async () => {
        const due = (TRANSFERS * (at + 0.5)) / plan.length;
        const isDue = () => crowd.counts.transfers >= Math.min(due, TRANSFERS);
        await waitFor(isDue, { what: `${due} transfers`, timeoutMs: GOES_ON_MS_MAX });
        await inflict(fault);
        const cut = await readCut(journal, ledgers, crowd.wallets);
        assert.deepEqual([cut.total, cut.findings], [total, []]);
        assert.ok(cut.least >= 0n, "a wallet is below zero");
      });
    }
    await t.test("the rest", () => running);
    await t.test("everything ends", async () => {
      const database = await journal.openEmpty();
      const isAtRest = async () => (await countUnfinished(database)) === 0;
      const ends = { what: "all transfers have ended", timeoutMs: ENDS_WITHIN_MS };
      await waitFor(isAtRest, ends).finally(() => database.close());
    });
    const lastedS = Math.round((performance.now() - startedMs) / 1_000);
    let history: ListHistory = { appends: [], reads: [], finals: new Map() };
    await t.test("no anomaly was seen", async () => {
      history = await crowd.finish();
      assert.deepEqual(crowd.wrongs, []);
      assert.deepEqual(findAnomalies(history), []);
    });
    await t.test("all adds up", async () => {
      const cut = await readCut(journal, ledgers, crowd.wallets);
      assert.deepEqual(cut, { total, moving: 0n, least: cut.least, findings: [] });
      for (const one of [service, ...shards]) await one.stop();
      await auditLedgers([journal, ...ledgers]);
    });
    const items = history.reads.reduce((sum, read) => sum + read.items.length, 0);
    t.diagnostic(
      `${lastedS} s, ${plan.length} faults, ${JSON.stringify(crowd.counts)}, ` +
        `${items} entries seen, held against ${history.appends.length} appends to ` +
        `${history.finals.size} lists: no anomaly`,
    );
  });
});

async function countUnfinished(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from wallet_transfers where finished_ms is null
  `.execute(database.single().as());
  return rows[0]?.count ?? 0;
}
