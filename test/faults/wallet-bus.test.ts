import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { auditLedgers, Bank } from "../support/bank.ts";
import { NO_BROKER, startBrokerProcess } from "../support/broker-process.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { freshPostgres, SERVER_URL } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { send } from "../support/http-client.ts";
import { lasting } from "../support/lasting.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * RabbitMQ is away for long while two nodes accept payments: the one that leads does not hear of
 * those of the other one, and finds them by itself. Callers notice nothing, nothing is lost,
 * nothing happens twice, and what has gathered is gone soon after.
 */

const DOWN_MS = scaled(3_000);
const DOWN_STEP_MS = 3_000;
const RECONNECTS_MS_MAX = 60_000;
const GOES_ON_MS_MAX = 30_000;
const GOES_ON_PAYMENTS = 20;

const skip = SERVER_URL === undefined ? "two nodes need DATABASE_URL" : NO_BROKER;

describe("a bank on two nodes whose RabbitMQ goes away", { skip }, () => {
  test(`loses nothing in ${DOWN_MS} ms, and refuses nothing`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await startBrokerProcess());
    const place = stack.use(await freshPostgres(SERVER_URL ?? ""));
    const options = {
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      busUrl: broker.url,
      args: ["serve", "--only", "wallet"],
      env: { STOA_DEMO: "off" },
    };
    const nodes = [
      stack.use(await startServerProcess(options)),
      stack.use(await startServerProcess(options)),
    ];
    const connected = async (): Promise<boolean[]> => {
      const answers = await Promise.all(nodes.map(({ url }) => send(`${url}/ready`)));
      return answers.map((answer) => {
        assert.equal(answer.status, 200, answer.text);
        const { checks } = answer.json() as { checks: { bus: { connected: boolean } } };
        return checks.bus.connected;
      });
    };
    const reconnects = { what: "both nodes are on the bus", timeoutMs: RECONNECTS_MS_MAX };
    await waitFor(async () => (await connected()).every(Boolean), reconnects);

    let calls = 0;
    const url = () => {
      calls += 1;
      return nodes[calls % nodes.length]?.url ?? "";
    };
    const ledger = new CallLedger(url);
    const bank = await Bank.open({ url, ledger, seed: "bus" });
    const ending = new AbortController();
    const running = bank.run(ending.signal);
    running.catch(() => {});
    const goesOn = async () => {
      const before = ledger.acknowledged.length;
      const isOn = () => ledger.acknowledged.length >= before + GOES_ON_PAYMENTS;
      await waitFor(isOn, { what: "payments are accepted", timeoutMs: GOES_ON_MS_MAX });
    };
    await goesOn();
    await broker.kill();
    await waitFor(async () => !(await connected()).some(Boolean), { what: "both have noticed" });
    const before = ledger.acknowledged.length;
    for (let downMs = 0; downMs < DOWN_MS; downMs += DOWN_STEP_MS) {
      await t.test(`away for ${downMs} ms`, async () => {
        await lasting(Math.min(DOWN_STEP_MS, DOWN_MS - downMs));
        await goesOn();
        await bank.checkCut(place, [place]);
      });
    }
    const meanwhile = ledger.acknowledged.length - before;
    await broker.start();
    await waitFor(async () => (await connected()).every(Boolean), reconnects);
    await goesOn();
    ending.abort();
    await running;
    const startedMs = performance.now();
    const ends = await bank.check();
    const restMs = Math.round(performance.now() - startedMs);
    for (const node of nodes) assert.equal(await node.stop(), 0, node.output());
    await auditLedgers([place]);
    assert.deepEqual(new Set(ledger.statuses.keys()), new Set([200, 202]));
    t.diagnostic(
      `${ledger.acknowledged.length} accepted, ${meanwhile} of them without the bus, ` +
        `${JSON.stringify(ends)}, 0 refused, 0 lost, none twice; at rest and checked ` +
        `${restMs} ms after; slowest answer ${Math.round(ledger.slowestMs)} ms`,
    );
  });
});
