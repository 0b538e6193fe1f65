import type { Cancellation } from "../../../core/clock.ts";
import { unavailable } from "../../../core/errors.ts";

const RETRY_AFTER_MS = 1_000;

export interface WorkQueueLimits {
  /** Jobs at once: each fills a thread of the pool that files and name look-ups share. */
  readonly workersMax: number;
  /** Jobs that wait for a worker; more are refused. */
  readonly waitingMax: number;
}

/** Bounds expensive work: so much at once, so much waiting, in order; the rest comes back later. */
export class WorkQueue {
  readonly #limits: WorkQueueLimits;
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(limits: WorkQueueLimits) {
    this.#limits = limits;
  }

  /** @throws UNAVAILABLE when too many wait, or when the caller has gone before the job's turn */
  async run<T>(job: () => Promise<T>, signal?: Cancellation): Promise<T> {
    await this.#turn();
    try {
      if (signal?.aborted) throw unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(): Promise<void> | undefined {
    if (this.#running < this.#limits.workersMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.length >= this.#limits.waitingMax) {
      throw unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
