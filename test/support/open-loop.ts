import { setTimeout as pause } from "node:timers/promises";
import { Latencies, type LatencySummary } from "./latencies.ts";

/**
 * The load driver: calls start at a fixed rate whether or not earlier ones were answered, as those
 * of many independent people do. A call's latency counts from when it was meant to start, so a
 * stall of the service shows in all calls that would have been made meanwhile (no coordinated
 * omission). `closedLoop` is the other kind, which finds out how much a service can take. Timers
 * are a millisecond apart, and by so much a start and therefore a latency may be off.
 */

export interface OpenLoopOptions {
  /** Calls a second. */
  readonly rate: number;
  readonly durationMs: number;
  /** Calls under way at once; one that is due beyond that waits, and its wait counts. */
  readonly inFlightMax?: number;
  /** Ends the load early; what has begun is waited for. */
  readonly signal?: AbortSignal;
  readonly call: LoadCall;
}

/**
 * One call, of the number `index`. Answers how it ended, an HTTP status or any word; what it throws
 * counts as the status `error`.
 */
export type LoadCall = (index: number) => Promise<number | string>;

export interface LoadResult {
  readonly started: number;
  /** From the first start to the last answer. */
  readonly elapsedMs: number;
  /** Calls that started more than {@link LATE_MS} after they were due. */
  readonly lateStarts: number;
  /** Of all calls, and by how they ended. */
  readonly latency: LatencySummary;
  readonly byStatus: ReadonlyMap<string, LatencySummary>;
  /** What calls threw, the first few of it. */
  readonly errors: readonly unknown[];
}

/** A start that is later than this says that the driver was busy or its bound was reached. */
const LATE_MS = 10;
const IN_FLIGHT_MAX = 10_000;
const ERRORS_KEPT_MAX = 20;
const FAILED = "error";

/** Makes `rate × durationMs` calls at their times; resolves when the last one is answered. */
export async function openLoop(options: OpenLoopOptions): Promise<LoadResult> {
  const { rate, durationMs, inFlightMax = IN_FLIGHT_MAX, signal, call } = options;
  const tally = new Tally();
  const total = Math.round((rate * durationMs) / 1_000);
  const startedMs = performance.now();
  let running = 0;
  let ended = Promise.withResolvers<void>();
  const begin = async (index: number, dueMs: number) => {
    running += 1;
    await tally.count(call, index, dueMs);
    running -= 1;
    ended.resolve();
  };
  const oneEnds = async () => {
    ended = Promise.withResolvers();
    await ended.promise;
  };
  for (let index = 0; index < total && !signal?.aborted; ) {
    const dueMs = startedMs + (index * 1_000) / rate;
    const isDue = dueMs <= performance.now();
    if (isDue && running < inFlightMax) {
      void begin(index, dueMs);
      index += 1;
    } else if (isDue) {
      await oneEnds();
    } else {
      // At high rates several calls fall due between one timer and the next.
      await pause(Math.max(1, dueMs - performance.now()));
    }
  }
  while (running > 0) await oneEnds();
  return tally.result(startedMs);
}

export interface ClosedLoopOptions {
  /** Callers, each of whom makes its next call as soon as its last one is answered. */
  readonly callers: number;
  readonly durationMs: number;
  readonly signal?: AbortSignal;
  readonly call: LoadCall;
}

/** The rate at which these callers are served is what the service takes, or what they can ask. */
export async function closedLoop(options: ClosedLoopOptions): Promise<LoadResult> {
  const { callers, durationMs, signal, call } = options;
  const tally = new Tally();
  const startedMs = performance.now();
  const endMs = startedMs + durationMs;
  let index = 0;
  const caller = async () => {
    while (performance.now() < endMs && !signal?.aborted) {
      await tally.count(call, index++, performance.now());
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return tally.result(startedMs);
}

/** How many calls ended in this way. */
export function countOf(
  { byStatus }: Pick<LoadResult, "byStatus">,
  status: number | string,
): number {
  return byStatus.get(String(status))?.count ?? 0;
}

class Tally {
  readonly #all = new Latencies();
  readonly #byStatus = new Map<string, Latencies>();
  readonly #errors: unknown[] = [];
  #started = 0;
  #lateStarts = 0;

  async count(call: LoadCall, index: number, dueMs: number): Promise<void> {
    this.#started += 1;
    if (performance.now() - dueMs > LATE_MS) this.#lateStarts += 1;
    let status: string;
    try {
      status = String(await call(index));
    } catch (error) {
      status = FAILED;
      if (this.#errors.length < ERRORS_KEPT_MAX) this.#errors.push(error);
    }
    const latencyMs = performance.now() - dueMs;
    this.#all.record(latencyMs);
    const own = this.#byStatus.get(status) ?? new Latencies();
    this.#byStatus.set(status, own);
    own.record(latencyMs);
  }

  result(startedMs: number): LoadResult {
    return {
      started: this.#started,
      elapsedMs: performance.now() - startedMs,
      lateStarts: this.#lateStarts,
      latency: this.#all.summary(),
      byStatus: new Map([...this.#byStatus].map(([status, own]) => [status, own.summary()])),
      errors: this.#errors,
    };
  }
}
