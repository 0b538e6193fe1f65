import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CallError } from "../../client/index.ts";
import { freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { flood } from "../support/flood.ts";
import type { FloodResult } from "../support/flood-process.ts";
import { prepareRequest } from "../support/kept-connections.ts";
import { type LoadResult, openLoop } from "../support/open-loop.ts";
import { callOver, newPersonOver, operatorOver } from "../support/over-http.ts";
import { processorMs, residentMib, waitingMs } from "../support/process-meter.ts";
import { auditSeats } from "../support/seat-audit.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWallet } from "../support/wallet-funds.ts";

/**
 * More is asked for than can be done (gate R6): what is turned away is told so and when to come
 * back, what was accepted happens, and when the load ends everything is as before. How fast all of
 * that is, the test says and does not judge. The load comes from a process of its own and in
 * slices, each between two that find out anew how much there is room for: on a machine that has
 * other things to do, only neighbours can be compared.
 */

/** A quarter of a minute of twice the peak; at four times the size a minute of each of three. */
const SLICES = scaled(1);
const FACTORS = SLICES >= 4 ? [2, 5, 10] : [2];
const SLICE_MS = 15_000;
const PEAK_MS = 3_000;
/** As many callers as may run at once, nearly: more only wait for each other. */
const PEAK_CALLERS = 192;
/** Connections of the crowd: many more than run and wait. */
const CONNECTIONS = 2_048;
/** How often the server is asked meanwhile whether it lives. */
const HEALTH_PER_SECOND = 10;
const LONGEST_MS = 10 * 60_000;
const SETTLED_WITHIN_MS = 60_000;
/** What the service is asked in calm times: a share of its peak, and how long each look takes. */
const CALM = { share: 0.1, lookMs: 1_000, looksMax: 10, factor: 2 } as const;

/** What is asked for, and what came of it. */
interface Task {
  readonly requests: readonly Buffer[];
  /** Resolves when everything that was accepted has ended. */
  settled(): Promise<void>;
  /** Holds what there is against how often it was accepted. */
  check(accepted: number): Promise<void>;
}

onPostgres("too much is asked for", (_database, serverUrl) => {
  test("transfers: some are turned away, the others happen", async (t) => {
    await using place = await freshPostgres(serverUrl);
    await using server = await startServer(place);
    await overload(t, server, await transfers(server));
  });

  test("seats: some calls are turned away, the others are carried out", async (t) => {
    await using place = await freshPostgres(serverUrl);
    await using server = await startServer(place);
    await overload(t, server, await seats(server));
    const database = await place.open();
    await auditSeats(database).finally(() => database.close());
  });
});

function startServer(place: { readonly dataFolder: string; readonly url: string | undefined }) {
  const { dataFolder, url: databaseUrl } = place;
  return startServerProcess({ dataFolder, databaseUrl, env: { STOA_DEMO: "on" } });
}

/** Ten wallets pay ten others. */
async function transfers({ url }: ServerProcess): Promise<Task> {
  const token = await newPersonOver(url);
  const call = callOver(url, token);
  const operate = callOver(url, await operatorOver(url));
  const wallets: string[] = [];
  while (wallets.length < 20) wallets.push(await openWallet(call));
  for (const walletId of wallets) {
    await operate("wallet.setOverdraft", { walletId, overdraft: "1000000000" });
  }
  const payees = wallets.slice(10);
  const requests = payees.map((toId, at) =>
    prepareRequest({
      path: "/api/wallet.transfer",
      input: { fromId: wallets[at], toId, amount: "0.01" },
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  return {
    requests,
    async settled() {
      await waitFor(async () => (await operate("wallet.shards", {})).inFlight === 0, {
        what: "nothing is on its way",
        timeoutMs: SETTLED_WITHIN_MS,
      });
    },
    async check(accepted) {
      let cents = 0;
      for (const walletId of payees) {
        const { posted } = await call("wallet.balance", { walletId });
        cents += Math.round((Number(posted) - 1_000) * 100);
      }
      assert.equal(cents, accepted, "every transfer that was accepted has happened, and no other");
      // It adds everything up, and who asks again after a while gets the result.
      const audit = await waitFor(
        () =>
          operate("wallet.audit", {}).catch((error: unknown) => {
            if (error instanceof CallError && error.code === "AUDIT_RUNNING") return undefined;
            throw error;
          }),
        { what: "the audit has ended", timeoutMs: SETTLED_WITHIN_MS },
      );
      assert.ok(audit?.ok, audit?.findings.join("\n"));
    },
  };
}

/** People keep asking for their seats in four screenings. */
async function seats({ url }: ServerProcess): Promise<Task> {
  const operate = callOver(url, await operatorOver(url));
  const people: Array<{ token: string; screeningId: string; seatIds: string[] }> = [];
  for (let stage = 0; stage < 4; stage += 1) {
    const { screeningId, seatIds } = await createStage(operate);
    for (const seatId of seatIds.slice(0, 4)) {
      people.push({ token: await newPersonOver(url), screeningId, seatIds: [seatId] });
    }
  }
  return {
    requests: people.map(({ token, ...input }) =>
      prepareRequest({
        path: "/api/cinema.hold",
        input,
        headers: { authorization: `Bearer ${token}` },
      }),
    ),
    settled: async () => {},
    async check() {
      for (const { token, screeningId, seatIds } of people) {
        await callOver(url, token)("cinema.book", { screeningId, seatIds });
      }
    },
  };
}

async function overload(t: TestContext, server: ServerProcess, task: Task): Promise<void> {
  let accepted = 0;
  const run = async (connections: number, durationMs: number, rate?: number) => {
    const slice = await measure(server, task, { connections, durationMs, rate });
    accepted += slice.accepted;
    return slice;
  };
  const peakSlice = () => run(PEAK_CALLERS, PEAK_MS);
  await peakSlice();
  let peak = await peakSlice();
  tell(t, "as much as there is room for", peak);
  const calmRate = peak.perSecond * CALM.share;
  const look = async () => (await run(PEAK_CALLERS, CALM.lookMs, calmRate)).p99Ms("200");
  const calmMs = await look();
  for (const [at, factor] of FACTORS.flatMap((each) =>
    Array<number>(SLICES).fill(each),
  ).entries()) {
    await t.test(`${factor} times that, slice ${(at % SLICES) + 1}`, async (sub) => {
      const load = await run(CONNECTIONS, SLICE_MS, peak.perSecond * factor);
      const looks = [await look()];
      while ((looks.at(-1) ?? 0) > calmMs * CALM.factor && looks.length < CALM.looksMax) {
        looks.push(await look());
      }
      const next = await peakSlice();
      tell(sub, "it was", load);
      tellShares(sub, load, [peak, next]);
      const after = looks.map((ms) => ms.toFixed(0)).join(", ");
      sub.diagnostic(
        `in calm times p99 is ${calmMs.toFixed(0)} ms, in the seconds after: ${after}`,
      );
      assertTold(load.result);
      peak = next;
    });
  }
  const after = await run(4, 500);
  assert.deepEqual(Object.keys(after.result.byStatus), ["200"]);
  await task.check(accepted);
}

function tellShares(t: TestContext, load: Slice, peaks: readonly [Slice, Slice]): void {
  const shareOf = (figure: "perSecond" | "perProcessorS") => {
    const share = (2 * load[figure]) / (peaks[0][figure] + peaks[1][figure]);
    return `${Math.round(share * 100)} %`;
  };
  t.diagnostic(
    `goodput: ${shareOf("perSecond")} of the peak, ${shareOf("perProcessorS")} of it in a second ` +
      "of the server's processor",
  );
}

/** Every call is accepted or turned away, and whoever is turned away hears when to come back. */
function assertTold({ byStatus, withoutRetryAfter, brokenOff }: FloodResult): void {
  const known = new Set(["200", "429", "503"]);
  const others = Object.keys(byStatus).filter((status) => !known.has(status));
  assert.deepEqual(others, []);
  assert.equal(withoutRetryAfter, 0);
  assert.equal(brokenOff, 0);
}

interface Slice {
  readonly result: FloodResult;
  readonly accepted: number;
  /** Accepted in a second, until the last one had ended. */
  readonly perSecond: number;
  /** The same in a second of the server's processor time. */
  readonly perProcessorS: number;
  /** Processors that the server and the driver took, and that the server waited for. */
  readonly taken: Readonly<Record<"server" | "awaited" | "driver", number>>;
  readonly residentMib: number;
  readonly health: LoadResult["latency"];
  p99Ms(status: string): number;
}

async function measure(
  { url, child: { pid } }: ServerProcess,
  { requests, settled }: Task,
  load: { connections: number; durationMs: number; rate?: number | undefined },
): Promise<Slice> {
  let highestMib = 0;
  const over = new AbortController();
  const watching = watchHealth(url, over.signal, () => {
    highestMib = Math.max(highestMib, residentMib(pid));
  });
  const [startedMs, usedMs, awaitedMs] = [performance.now(), processorMs(pid), waitingMs(pid)];
  const result = await flood({ url, requests, rate: undefined, ...load });
  await settled();
  const elapsedMs = performance.now() - startedMs;
  const busyMs = processorMs(pid) - usedMs;
  over.abort();
  const health = await watching;
  const accepted = result.byStatus["200"]?.count ?? 0;
  return {
    result,
    accepted,
    perSecond: (accepted / elapsedMs) * 1_000,
    perProcessorS: (accepted / busyMs) * 1_000,
    taken: {
      server: busyMs / elapsedMs,
      awaited: (waitingMs(pid) - awaitedMs) / elapsedMs,
      driver: result.cpuMs / result.elapsedMs,
    },
    residentMib: highestMib,
    health,
    p99Ms: (status) => result.byStatus[status]?.p99Ms ?? 0,
  };
}

/** Asks again and again whether the server lives; it has to, whatever else it is asked. */
async function watchHealth(
  url: string,
  signal: AbortSignal,
  look: () => void,
): Promise<LoadResult["latency"]> {
  const { latency, byStatus } = await openLoop({
    rate: HEALTH_PER_SECOND,
    durationMs: LONGEST_MS,
    signal,
    async call() {
      look();
      return (await fetch(`${url}/health`)).status;
    },
  });
  assert.deepEqual([...byStatus.keys()], ["200"]);
  return latency;
}

function tell(t: TestContext, what: string, slice: Slice): void {
  const { result, taken, health } = slice;
  const statuses = Object.entries(result.byStatus).map(([status, { count, p50Ms, p99Ms }]) => {
    const rate = Math.round((count / result.elapsedMs) * 1_000);
    return `${status} ${rate}/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  });
  t.diagnostic(`${what}: ${statuses.join("; ")}`);
  t.diagnostic(
    `${Math.round(slice.perSecond)}/s ended; processors: server ${taken.server.toFixed(2)}, ` +
      `and ${taken.awaited.toFixed(2)} waited for, driver ${taken.driver.toFixed(2)}; ` +
      `${result.unsent} more were due while every connection ` +
      `waited; ${Math.round(slice.residentMib)} MiB; health p99 ` +
      `${health.p99Ms.toFixed(0)} ms`,
  );
}
