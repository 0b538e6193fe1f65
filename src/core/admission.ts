import type { Clock, Timer } from "./clock.ts";
import { unavailable } from "./errors.ts";
import {
  CALL_WAIT_MS_MAX,
  CALLS_RUNNING_MAX,
  CALLS_RUNNING_MIN,
  CALLS_WAITING_MAX,
  LOOP_DELAY_MS_MAX,
  LOOP_PROBE_INTERVAL_MS,
} from "./limits.ts";
import { URGENCIES, type Urgency } from "./urgency.ts";

const RETRY_AFTER_MS = 1_000;
/** By how much the bound falls when the event loop is late, and how it climbs back. */
const LATE_FACTOR = 0.5;
const CALM_STEP = 16;

interface Turn {
  give(): void;
  refuse(): void;
}

export interface AdmissionBounds {
  readonly runningMax?: number;
  readonly runningMin?: number;
  readonly waitingMax?: number;
}

/**
 * Bounds the calls that run at once. Above the bound calls wait for a short time, the urgent ones
 * in front and those of one urgency in order; above the second bound the least urgent are refused
 * at once, which is cheaper for everybody than a long wait.
 *
 * The first bound follows the event loop: while a timer comes late, there is more work than this
 * process can do, and starting more of it at once only makes all of it slower. It is halved at each
 * late probe and climbs back by steps (additive increase, multiplicative decrease, as in TCP).
 */
export class Admission {
  readonly #clock: Clock;
  readonly #bounds: Required<AdmissionBounds>;
  /** By urgency; each in the order in which they came. */
  readonly #waiting: readonly Set<Turn>[] = URGENCIES.map(() => new Set());
  readonly #idleListeners: Array<() => void> = [];
  #running = 0;
  #runningMax: number;
  #probe: Timer | undefined;
  #enteredSinceProbe = false;

  constructor(clock: Clock, bounds: AdmissionBounds = {}) {
    this.#clock = clock;
    this.#bounds = {
      runningMax: bounds.runningMax ?? CALLS_RUNNING_MAX,
      runningMin: bounds.runningMin ?? CALLS_RUNNING_MIN,
      waitingMax: bounds.waitingMax ?? CALLS_WAITING_MAX,
    };
    this.#runningMax = this.#bounds.runningMax;
  }

  get running(): number {
    return this.#running;
  }

  /** How many calls may run at once at the moment. */
  get runningMax(): number {
    return this.#runningMax;
  }

  /**
   * Undefined when there is a place at once, else a promise of one, which is not kept when it takes
   * longer than {@link CALL_WAIT_MS_MAX} or somebody more urgent needs the room.
   *
   * @throws UNAVAILABLE
   */
  enter(urgency: Urgency = "read"): Promise<void> | undefined {
    this.#enteredSinceProbe = true;
    if (this.#probe === undefined) this.#startProbe();
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    const rank = URGENCIES.indexOf(urgency);
    if (this.#waitingCount() >= this.#bounds.waitingMax && !this.#makeRoom(rank)) throw busy();
    return this.#wait(rank);
  }

  /** Gives the place to the most urgent that waits, unless there are too many running. */
  leave(): void {
    this.#running -= 1;
    this.#fill();
    if (this.#running > 0) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** Resolves when no call runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  #wait(rank: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#waiting[rank];
      const end = () => {
        line?.delete(turn);
        timer.cancel();
      };
      const turn: Turn = {
        give: () => {
          end();
          resolve();
        },
        refuse: () => {
          end();
          reject(busy());
        },
      };
      const timer = this.#clock.after(CALL_WAIT_MS_MAX, turn.refuse);
      line?.add(turn);
    });
  }

  #fill(): void {
    while (this.#running < this.#runningMax) {
      const [next] = this.#waiting.find((line) => line.size > 0) ?? [];
      if (next === undefined) return;
      this.#running += 1;
      next.give();
    }
  }

  #waitingCount(): number {
    return this.#waiting.reduce((sum, line) => sum + line.size, 0);
  }

  /** Refuses the last to come of those less urgent, if there are any. */
  #makeRoom(rank: number): boolean {
    const line = this.#waiting.findLast((some, other) => other > rank && some.size > 0);
    const last = [...(line ?? [])].at(-1);
    last?.refuse();
    return last !== undefined;
  }

  /** Probes go on for as long as calls come. */
  #startProbe(): void {
    const dueMs = this.#clock.monotonicMs() + LOOP_PROBE_INTERVAL_MS;
    this.#enteredSinceProbe = false;
    this.#probe = this.#clock.after(LOOP_PROBE_INTERVAL_MS, () => {
      this.#adapt(this.#clock.monotonicMs() - dueMs);
      this.#probe = undefined;
      if (this.#enteredSinceProbe || this.#running > 0) this.#startProbe();
    });
  }

  #adapt(lateMs: number): void {
    const { runningMin, runningMax } = this.#bounds;
    this.#runningMax =
      lateMs > LOOP_DELAY_MS_MAX
        ? Math.max(runningMin, Math.floor(this.#runningMax * LATE_FACTOR))
        : Math.min(runningMax, this.#runningMax + CALM_STEP);
    this.#fill();
  }
}

function busy() {
  return unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
}
