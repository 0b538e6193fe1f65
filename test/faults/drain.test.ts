import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { Balancer } from "../support/balancer.ts";
import { type DatabasePlace, freshDatabase, SERVER_URL } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { prepareRequest } from "../support/kept-connections.ts";
import { lasting } from "../support/lasting.ts";
import { countOf, openLoop } from "../support/open-loop.ts";
import { callOver, newPersonOver, operatorOver } from "../support/over-http.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Two servers behind a balancer, under a load that reads and writes, and each in turn is told to
 * stop, SIGTERM, and started again: no request fails, every socket is told to come back, not all
 * at once, and the stop is over before a supervisor loses its patience.
 */

const STOPS = scaled(5);
const REQUESTS_PER_SECOND = 200;
/** One request in so many writes, and every write is pushed to all sockets. */
const REQUESTS_PER_WRITE = 20;
const PEOPLE = 8;
const SOCKETS = 200;
/** Supervisors wait so long before they kill. */
const EXIT_MS_MAX = 10_000;
/**
 * How long the half of the sockets in the middle takes to be sent away; a second is meant. Who
 * hears of it late hears of many at once, so it is the best of all stops that counts.
 */
const SPREAD_MS_MIN = 500;
const RESTARTING = 1012;
/**
 * Of all requests, those that this process, which does nothing else, may make late or be turned
 * away with. Beyond that the machine has no time for a server, and the stop shows nothing of ours.
 */
const LATE_SHARE_MAX = 0.1;
const REPEATED_SHARE_MAX = 0.02;
const PATIENCE_MS = 20_000;
const LONG_MS = 3_600_000;

/** What the load asks of a database's servers. */
interface Requests {
  readonly screeningId: string;
  readonly reading: Buffer;
  /** Holds and releases, each of somebody with a seat of their own. */
  readonly writing: readonly Buffer[];
}

interface Backend extends Requests {
  readonly server: ServerProcess;
  readonly place: DatabasePlace;
  readonly url: string;
}

async function start(place: DatabasePlace, known?: Requests): Promise<Backend> {
  const options = { dataFolder: place.dataFolder, databaseUrl: place.url };
  const server = await startServerProcess(options);
  const { url } = server;
  return { ...(known ?? (await prepare(url))), server, place, url };
}

async function prepare(url: string): Promise<Requests> {
  const stage = await createStage(callOver(url, await operatorOver(url)));
  const { cinemaId, screeningId, seatIds } = stage;
  const writing = await Promise.all(
    seatIds.slice(0, PEOPLE).map(async (seatId) => {
      const headers = { authorization: `Bearer ${await newPersonOver(url)}` };
      const input = { screeningId, seatIds: [seatId] };
      return ["cinema.hold", "cinema.release"].map((name) =>
        prepareRequest({ path: `/api/${name}`, input, headers }),
      );
    }),
  );
  return {
    screeningId,
    reading: prepareRequest({ path: "/api/cinema.getOne", input: { id: cinemaId } }),
    writing: writing.flat(),
  };
}

/** Sockets that follow the screening, and when and how they ended. */
async function openSockets({ url, screeningId }: Backend) {
  const ended: Array<{ code: number; atMs: number }> = [];
  await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/socket`);
      // Who is slow to answer the close finds the connection cut, and has read why before that.
      socket.on("error", () => {});
      socket.once("close", (code) => ended.push({ code, atMs: performance.now() }));
      await once(socket, "open");
      socket.send(JSON.stringify({ type: "cinema.watch", data: { screeningId }, eid: "e", ts: 1 }));
      await once(socket, "message");
    }),
  );
  return ended;
}

interface Stop {
  readonly lastedMs: number;
  readonly spreadMs: number;
}

async function stopOnce({ server, ...backend }: Backend): Promise<Stop> {
  const ended = await openSockets({ server, ...backend });
  const startedMs = performance.now();
  const code = await server.stop();
  const lastedMs = performance.now() - startedMs;
  assert.equal(code, 0, server.output());
  assert.ok(lastedMs < EXIT_MS_MAX, `it took ${lastedMs} ms`);
  await waitFor(() => ended.length === SOCKETS, {
    what: "every socket has ended",
    timeoutMs: PATIENCE_MS,
  });
  assert.deepEqual(new Set(ended.map((end) => end.code)), new Set([RESTARTING]));
  const times = ended.map(({ atMs }) => atMs).sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * SOCKETS)] ?? 0;
  return { lastedMs, spreadMs: at(0.75) - at(0.25) };
}

/** Requests at a steady rate until the signal, and how often one had to be repeated. */
function askSteadily(balancer: Balancer<Backend>, signal: AbortSignal) {
  const load = { answered: 0, repeated: 0 };
  const call = async (index: number) => {
    for (;;) {
      const { status, head } = await balancer.send(({ reading, writing }) => {
        const turn = Math.floor(index / REQUESTS_PER_WRITE) % writing.length;
        return (index % REQUESTS_PER_WRITE === 0 ? writing[turn] : undefined) ?? reading;
      });
      load.answered += 1;
      const retryAfter = /\r\nretry-after: (\d+)/i.exec(head)?.[1];
      if (status !== 503 || retryAfter === undefined) return status;
      load.repeated += 1;
      await lasting(Number(retryAfter) * 1_000);
    }
  };
  const result = openLoop({ rate: REQUESTS_PER_SECOND, durationMs: LONG_MS, signal, call });
  return Object.assign(load, { result });
}

describe("SIGTERM under load", () => {
  const places: DatabasePlace[] = [];
  const running: Backend[] = [];
  const spreads: number[] = [];
  let shown = 0;

  before(async () => {
    const [one, other] = [await freshDatabase(), await freshDatabase()];
    places.push(one, other);
    // The embedded database serves one process: there, each server has one of its own.
    const shared = { ...one, dataFolder: other.dataFolder };
    running.push(await start(one), await start(SERVER_URL === undefined ? other : shared));
  });
  after(async () => {
    for (const { server } of running) await server.kill();
    for (const place of places) await place[Symbol.asyncDispose]();
  });

  for (let round = 1; round <= STOPS; round += 1) {
    it(`fails no request and tells the sockets to come back, ${round} of ${STOPS}`, async (t) => {
      const leaving = running.shift();
      assert.ok(leaving !== undefined);
      using balancer = new Balancer<Backend>();
      for (const backend of [leaving, ...running]) balancer.join(backend);
      const enough = new AbortController();
      const load = askSteadily(balancer, enough.signal);
      const isRunning = () => load.answered > REQUESTS_PER_SECOND / 2;
      try {
        await waitFor(isRunning, { what: "the load to run", timeoutMs: PATIENCE_MS });
        const { lastedMs, spreadMs } = await stopOnce(leaving);
        spreads.push(spreadMs);
        t.diagnostic(`stopped in ${lastedMs.toFixed(0)} ms`);
      } finally {
        enough.abort();
        await leaving.server.kill();
        running.push(await start(leaving.place, leaving));
      }
      const { started, latency, ...result } = await load.result;
      t.diagnostic(
        `${started} requests, ${load.repeated} repeated, p99 ${latency.p99Ms.toFixed(0)} ms`,
      );
      if (result.lateStarts > started * LATE_SHARE_MAX) {
        t.diagnostic(`${result.lateStarts} were late: a busy machine, which shows nothing`);
        return;
      }
      shown += 1;
      assert.deepEqual(result.errors, []);
      assert.equal(countOf(result, 200), started, [...result.byStatus.keys()].join());
      assert.ok(load.repeated <= started * REPEATED_SHARE_MAX, "too many were turned away");
    });
  }

  it("has been shown at least once", () => assert.ok(shown > 0));

  it("sends the sockets away one after the other", () => {
    const spreadMs = Math.max(...spreads);
    assert.ok(spreadMs >= SPREAD_MS_MIN, `half of the sockets went within ${spreadMs} ms`);
  });
});
