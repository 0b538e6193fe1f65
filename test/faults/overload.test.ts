import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type DatabasePlace, freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import {
  type KeptConnections,
  keepConnections,
  prepareRequest,
} from "../support/kept-connections.ts";
import { closedLoop, countOf, type LoadResult, openLoop } from "../support/open-loop.ts";
import { callOver, newPersonOver, operatorOver } from "../support/over-http.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWallet } from "../support/wallet-funds.ts";

/**
 * More transfers are asked for than can be carried through (gate R6): what is turned away is told
 * so and when to come back, what was accepted ends, and when the load ends everything is as before.
 * How fast all of that is, the test says and does not judge: its own driver has half of the
 * machine.
 */

/** Callers that find out how much there is room for. */
const CALLERS = 64;
const PEAK_MS = 3_000;
const FACTORS = [2, 5] as const;
const OVERLOAD_MS = scaled(4_000);
const CONNECTIONS_MAX = 1_500;
const SETTLED_WITHIN_MS = 60_000;

const isTurnedAway = (status: string) => status === "503" || status === "429";

/** A call that pays a little, and holds the answer against the rules for refusals. */
function payer(pool: KeptConnections, request: Buffer) {
  return async () => {
    const { status, head } = await pool.send(request);
    if (isTurnedAway(String(status))) assert.match(head, /\r\nretry-after: [1-9]\d*\r\n/i);
    return status;
  };
}

function tell(t: TestContext, what: string, { byStatus, elapsedMs }: LoadResult): void {
  for (const [status, { count, p50Ms, p99Ms }] of byStatus) {
    const rate = Math.round((count / elapsedMs) * 1_000);
    t.diagnostic(
      `${what}: ${status} ${rate}/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    );
  }
}

onPostgres("too many transfers", (_database, serverUrl) => {
  test("some are turned away, the others happen", async (t) => {
    await using place = await freshPostgres(serverUrl);
    await overload(t, place);
  });
});

async function overload(t: TestContext, place: DatabasePlace): Promise<void> {
  await using server = await startServerProcess({
    dataFolder: place.dataFolder,
    databaseUrl: place.url,
    env: { STOA_DEMO: "on" },
  });
  const token = await newPersonOver(server.url);
  const call = callOver(server.url, token);
  const operate = callOver(server.url, await operatorOver(server.url));
  const [fromId, toId] = [await openWallet(call), await openWallet(call)];
  for (const walletId of [fromId, toId]) {
    await operate("wallet.setOverdraft", { walletId, overdraft: "1000000000" });
  }
  const request = prepareRequest({
    path: "/api/wallet.transfer",
    input: { fromId, toId, amount: "0.01" },
    headers: { authorization: `Bearer ${token}` },
  });
  const settled = () =>
    waitFor(async () => (await operate("wallet.shards", {})).inFlight === 0, {
      what: "nothing is on its way",
      timeoutMs: SETTLED_WITHIN_MS,
    });
  using pool = keepConnections(server.url);
  const pay = payer(pool, request);

  const peak = await closedLoop({ callers: CALLERS, durationMs: PEAK_MS, call: pay });
  tell(t, "as much as there is room for", peak);
  await settled();
  const rate = (countOf(peak, 202) + countOf(peak, 200)) / (peak.elapsedMs / 1_000);
  let accepted = countOf(peak, 200);
  for (const factor of FACTORS) {
    const load = await openLoop({
      rate: rate * factor,
      durationMs: OVERLOAD_MS,
      inFlightMax: CONNECTIONS_MAX,
      call: pay,
    });
    tell(t, `${factor} times that`, load);
    assert.deepEqual(load.errors, []);
    const others = [...load.byStatus.keys()].filter((s) => s !== "200" && !isTurnedAway(s));
    assert.deepEqual(others, [], "every call is accepted or turned away");
    accepted += countOf(load, 200);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    await settled();
  }

  // As before: nothing is left of it, and every transfer that was accepted has happened.
  const after = await closedLoop({ callers: 4, durationMs: 500, call: pay });
  tell(t, "afterwards", after);
  assert.deepEqual([...after.byStatus.keys()], ["200"]);
  accepted += countOf(after, 200);
  await settled();
  const { posted } = await call("wallet.balance", { walletId: toId });
  assert.equal(Math.round((Number(posted) - 1_000) * 100), accepted);
  const { ok, findings } = await operate("wallet.audit", {});
  assert.ok(ok, findings.join("\n"));
}
