/**
 * The driver of a flood, in a process of its own: it costs the server's process nothing but what
 * its requests do, and as little of the machine as may be. The parent sends a {@link Flood} and
 * gets its {@link FloodResult}.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Latencies, type LatencySummary } from "./latencies.ts";

export interface Flood {
  readonly url: string;
  /** Whole requests, base64; the connections send them in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Requests a second, answered or not; undefined: each connection asks again at once. */
  readonly rate: number | undefined;
  readonly durationMs: number;
}

export interface FloodResult {
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  readonly byStatus: Readonly<Record<string, LatencySummary>>;
  /** Answers of 429 and 503 that do not say when to come back. */
  readonly withoutRetryAfter: number;
  /** Requests that were due while every connection waited for an answer, and were not made. */
  readonly unsent: number;
  /** Requests that got no answer because their connection ended. */
  readonly brokenOff: number;
  /** Processor time of the driver. */
  readonly cpuMs: number;
}

const HEAD_END = "\r\n\r\n";
const STATUS_AT = "HTTP/1.1 ".length;
const RETRY_AFTER = /\r\nretry-after: [1-9]\d*\r\n/i;
const LENGTH = /\r\ncontent-length: *(\d+)/i;

class Asker {
  readonly socket: Socket;
  readonly #answered: (asker: Asker, head: string) => void;
  #received = "";
  /** When the request that is under way was due; undefined while there is none. */
  dueMs: number | undefined;

  constructor(socket: Socket, answered: (asker: Asker, head: string) => void) {
    this.socket = socket;
    this.#answered = answered;
    socket.on("data", (bytes) => {
      // What comes unasked says that the connection is going to be closed.
      if (this.dueMs !== undefined) this.#take(bytes.toString("latin1"));
    });
    // What broke off is counted when the connection closes.
    socket.on("error", () => {});
  }

  ask(request: Buffer, dueMs: number): void {
    this.dueMs = dueMs;
    this.socket.write(request);
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd + 2);
    const end = headEnd + HEAD_END.length + Number(LENGTH.exec(head)?.[1] ?? 0);
    if (this.#received.length < end) return;
    this.#received = this.#received.slice(end);
    this.#answered(this, head);
  }
}

async function flood({ url, requests, connections, rate, durationMs }: Flood) {
  const { hostname, port } = new URL(url);
  const bytes = requests.map((text) => Buffer.from(text, "base64"));
  const tally = new Tally();
  const idle: Asker[] = [];
  const all = new Set<Asker>();
  let [asked, isOver, open] = [0, false, 0];
  const over = Promise.withResolvers<void>();
  const ask = (asker: Asker, dueMs: number) => {
    open += 1;
    asker.ask(bytes[asked++ % bytes.length] as Buffer, dueMs);
  };
  const close = () => {
    open -= 1;
    if (isOver && open === 0) over.resolve();
  };
  const answered = (asker: Asker, head: string) => {
    const nowMs = performance.now();
    tally.count(head, nowMs - (asker.dueMs ?? nowMs));
    asker.dueMs = undefined;
    if (rate === undefined && !isOver) ask(asker, nowMs);
    else idle.push(asker);
    close();
  };
  while (all.size < connections) {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const asker = new Asker(socket, answered);
    all.add(asker);
    idle.push(asker);
    socket.once("close", () => {
      if (asker.dueMs === undefined) {
        idle.splice(idle.indexOf(asker), 1);
        return;
      }
      tally.brokenOff += 1;
      close();
    });
  }
  const before = process.cpuUsage();
  const startedMs = performance.now();
  if (rate === undefined) for (const asker of idle.splice(0)) ask(asker, startedMs);
  let due = 0;
  const tick = () => {
    const nowMs = performance.now();
    if (nowMs - startedMs >= durationMs) {
      isOver = true;
      if (open === 0) over.resolve();
      return;
    }
    for (; rate !== undefined && startedMs + (due * 1_000) / rate <= nowMs; due += 1) {
      // Each in its turn: the server closes connections on which nothing is asked for long.
      const asker = idle.shift();
      if (asker === undefined) tally.unsent += 1;
      else ask(asker, startedMs + (due * 1_000) / rate);
    }
    setTimeout(tick, 1);
  };
  tick();
  await over.promise;
  const { user, system } = process.cpuUsage(before);
  const result = { elapsedMs: performance.now() - startedMs, cpuMs: (user + system) / 1_000 };
  for (const { socket } of all) socket.removeAllListeners("close").destroy();
  return { ...result, ...tally.result() };
}

class Tally {
  readonly #byStatus = new Map<string, Latencies>();
  #withoutRetryAfter = 0;
  unsent = 0;
  brokenOff = 0;

  count(head: string, latencyMs: number): void {
    const status = head.slice(STATUS_AT, STATUS_AT + 3);
    const own = this.#byStatus.get(status) ?? new Latencies();
    this.#byStatus.set(status, own);
    own.record(latencyMs);
    if ((status === "503" || status === "429") && !RETRY_AFTER.test(head)) {
      this.#withoutRetryAfter += 1;
    }
  }

  result() {
    const byStatus = Object.fromEntries(
      [...this.#byStatus].map(([status, own]) => [status, own.summary()] as const),
    );
    const { unsent, brokenOff } = this;
    return { byStatus, withoutRetryAfter: this.#withoutRetryAfter, unsent, brokenOff };
  }
}

process.on("message", (asked: Flood) => {
  void flood(asked).then((result: FloodResult) => process.send?.(result));
});
process.once("disconnect", () => process.exit());
