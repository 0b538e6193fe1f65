import { unavailable } from "./errors.ts";
import { CALLS_RUNNING_MAX, CALLS_WAITING_MAX } from "./limits.ts";

const RETRY_AFTER_MS = 1_000;

/**
 * Bounds the calls that run at once. Above the bound calls wait in order, above the second bound
 * they are refused at once, which is cheaper for everybody than a long wait.
 */
export class Admission {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: Array<() => void> = [];
  readonly #idleListeners: Array<() => void> = [];
  #running = 0;

  constructor(runningMax: number = CALLS_RUNNING_MAX, waitingMax: number = CALLS_WAITING_MAX) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get running(): number {
    return this.#running;
  }

  /** Undefined when there is a place at once, else a promise of one. @throws UNAVAILABLE */
  enter(): Promise<void> | undefined {
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.length >= this.#waitingMax) {
      throw unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the place to the first that waits. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** Resolves when no call runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }
}
