import type { Clock } from "./clock.ts";
import { unavailable } from "./errors.ts";
import { CALL_WAIT_MS_MAX, CALLS_RUNNING_MAX, CALLS_WAITING_MAX } from "./limits.ts";

const RETRY_AFTER_MS = 1_000;

/**
 * Bounds the calls that run at once. Above the bound calls wait in order and for a short time,
 * above the second bound they are refused at once, which is cheaper for everybody than a long wait.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #runningMax: number;
  readonly #waitingMax: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  readonly #idleListeners: Array<() => void> = [];
  #running = 0;

  constructor(
    clock: Clock,
    runningMax: number = CALLS_RUNNING_MAX,
    waitingMax: number = CALLS_WAITING_MAX,
  ) {
    this.#clock = clock;
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Undefined when there is a place at once, else a promise of one, which is not kept when it takes
   * longer than {@link CALL_WAIT_MS_MAX}.
   *
   * @throws UNAVAILABLE
   */
  enter(): Promise<void> | undefined {
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.size >= this.#waitingMax) throw busy();
    return new Promise((resolve, reject) => {
      const turn = () => {
        this.#waiting.delete(turn);
        timer.cancel();
        resolve();
      };
      const timer = this.#clock.after(CALL_WAIT_MS_MAX, () => {
        this.#waiting.delete(turn);
        reject(busy());
      });
      this.#waiting.add(turn);
    });
  }

  /** Gives the place to the first that waits. */
  leave(): void {
    const [next] = this.#waiting;
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

function busy() {
  return unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
}
