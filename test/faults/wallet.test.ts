import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { auditLedgers, Bank } from "../support/bank.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { type Fault, inflict, planFaults, type Victim } from "../support/nemesis.ts";
import { NO_POSTGRES, startPostgresServer } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { startWalletCluster } from "../support/wallet-cluster.ts";

/**
 * Jepsen's bank over HTTP: customers pay each other between two shards that are processes, while
 * the service, each shard and their PostgreSQL are killed, stand still and are restarted, in an
 * order that a seed gives. The sum is right in every read of the ledgers, nothing acknowledged is
 * lost, each key has one effect, and everything ends.
 */

const ROUNDS = scaled(1);
const SEED = "nemesis";
/** Long is more than a payment may take to be decided. */
const AWAY = { leastMs: 100, mostMs: 1_000, longMs: 12_000 };
/** Between two faults at the least, with payments accepted at both ends. */
const CALM_MS = 300;
const PATIENCE_MS = 90_000;
const GOES_ON_MS_MAX = 30_000;
const GOES_ON_PAYMENTS = 20;

const nameOf = ({ victim, harm, awayMs }: Fault) => `${victim.name} ${harm} for ${awayMs} ms`;

describe("a bank over shards of their own, and a nemesis", { skip: NO_POSTGRES }, () => {
  test(`loses nothing in ${ROUNDS} rounds`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const settings = { max_connections: "200" };
    const postgres = stack.use(await startPostgresServer({ settings, walSegmentMiB: 16 }));
    const cluster = stack.use(await startWalletCluster(postgres.url));
    const { service, shards, journal, ledgers } = cluster;
    const { url } = service;
    const victims: Victim[] = [
      { ...service, name: "the service" },
      ...shards.map((shard, at) => ({ ...shard, name: `shard ${at}` })),
      { ...postgres, name: "PostgreSQL", stop: () => postgres.stop("immediate") },
    ];
    const ledger = new CallLedger(() => url);
    const options = { url: () => url, ledger, seed: SEED, patienceMs: PATIENCE_MS };
    const bank = await Bank.open(options);
    const ending = new AbortController();
    const running = bank.run(ending.signal);
    running.catch(() => {});
    const goesOn = async () => {
      const before = ledger.acknowledged.length;
      const isOn = () => ledger.acknowledged.length >= before + GOES_ON_PAYMENTS;
      await waitFor(isOn, { what: "payments are accepted", timeoutMs: GOES_ON_MS_MAX });
    };
    const plan = planFaults(victims, { seed: SEED, rounds: ROUNDS, away: AWAY });
    const startedMs = performance.now();
    let cuts = 0;
    for (const [at, fault] of plan.entries()) {
      await t.test(`${at + 1}: ${nameOf(fault)}`, async () => {
        await goesOn();
        await inflict(fault);
        await goesOn();
        await bank.checkCut(journal, cuts % 2 === 0 ? ledgers : ledgers.toReversed());
        cuts += 1;
        await lasting(CALM_MS);
      });
    }
    const lastedS = Math.round((performance.now() - startedMs) / 1_000);
    ending.abort();
    const endedMs = performance.now();
    await running;
    const ends = await bank.check();
    const restS = Math.round((performance.now() - endedMs) / 1_000);
    for (const one of [service, ...shards]) await one.stop();
    await auditLedgers([journal, ...ledgers]);
    const { acknowledged, statuses, slowestMs } = ledger;
    assert.equal(acknowledged.length, ends.SUCCESSFUL + ends.INVALID + ends.FAILED);
    t.diagnostic(
      `${plan.length} faults in ${lastedS} s, ${acknowledged.length} accepted, ` +
        `${JSON.stringify(ends)}, 0 lost, none twice, ${cuts} cuts; at rest and checked ` +
        `${restS} s after; slowest answer ${Math.round(slowestMs)} ms; statuses ` +
        JSON.stringify([...statuses]),
    );
  });
});
