import type { Clock, Timer } from "./clock.ts";
import { unavailable } from "./errors.ts";
import {
  CALL_WAIT_MS_MAX,
  CALLS_RUNNING_MAX,
  CALLS_RUNNING_MIN,
  CALLS_WAITING_MAX,
  LINE_STANDS_AFTER_MS,
  LOOP_DELAY_MS_MAX,
  LOOP_PROBE_INTERVAL_MS,
  STANDING_WAIT_MS_MAX,
} from "./limits.ts";
import { URGENCIES, type Urgency } from "./urgency.ts";

const RETRY_AFTER_MS = 1_000;
/** What the bound falls by at most when the event loop is late, and how it climbs back. */
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
 * process can do, and starting more of it at once only makes all of it slower. It falls with each
 * late probe by as much as that is late, and climbs back by steps (additive increase,
 * multiplicative decrease, as in TCP).
 *
 * The second bound follows the line. A crowd that comes at once is let in and waits. A line that
 * does not end is no crowd but more than can be done: nobody is served sooner because more people
 * stand in it. From then on it takes no more than are served within a moment, so that whoever is
 * refused hears it at once, and whoever is let in waits shortly (the standing queue of CoDel, RFC
 * 8289, held down at the entrance instead of the exit).
 */
export class Admission {
  readonly #clock: Clock;
  readonly #bounds: Required<AdmissionBounds>;
  /** By urgency; each in the order in which they came. */
  readonly #lines: readonly Set<Turn>[] = URGENCIES.map(() => new Set());
  readonly #idleListeners: Array<() => void> = [];
  #running = 0;
  #runningMax: number;
  #waiting = 0;
  #waitingMax: number;
  /** Since when somebody has been waiting without a break. */
  #linedUpAtMs = 0;
  #probe: Timer | undefined;
  #enteredSinceProbe = false;
  #leftSinceProbe = 0;

  constructor(clock: Clock, bounds: AdmissionBounds = {}) {
    this.#clock = clock;
    this.#bounds = {
      runningMax: bounds.runningMax ?? CALLS_RUNNING_MAX,
      runningMin: bounds.runningMin ?? CALLS_RUNNING_MIN,
      waitingMax: bounds.waitingMax ?? CALLS_WAITING_MAX,
    };
    this.#runningMax = this.#bounds.runningMax;
    this.#waitingMax = this.#bounds.waitingMax;
  }

  get running(): number {
    return this.#running;
  }

  /** How many calls may run at once at the moment. */
  get runningMax(): number {
    return this.#runningMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** How many calls may wait at the moment. */
  get waitingMax(): number {
    return this.#waitingMax;
  }

  /** What a call would be refused with if it came now; undefined when it would be let in. */
  refusal(urgency: Urgency = "read") {
    if (this.#running < this.#runningMax || this.#waiting < this.#waitingMax) return undefined;
    return this.#lessUrgent(URGENCIES.indexOf(urgency)) === undefined ? busy() : undefined;
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
    if (this.#waiting >= this.#waitingMax) this.#makeRoom(rank);
    return this.#wait(rank);
  }

  /** Gives the place to the most urgent that waits, unless there are too many running. */
  leave(): void {
    this.#running -= 1;
    this.#leftSinceProbe += 1;
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
      const line = this.#lines[rank];
      const end = () => {
        line?.delete(turn);
        this.#waiting -= 1;
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
      if (this.#waiting === 0) this.#linedUpAtMs = this.#clock.monotonicMs();
      line?.add(turn);
      this.#waiting += 1;
    });
  }

  #fill(): void {
    while (this.#running < this.#runningMax) {
      const [next] = this.#lines.find((line) => line.size > 0) ?? [];
      if (next === undefined) return;
      this.#running += 1;
      next.give();
    }
  }

  /** Those of the least urgency, if they are less urgent than this. */
  #lessUrgent(rank: number): Set<Turn> | undefined {
    return this.#lines.findLast((line, other) => other > rank && line.size > 0);
  }

  /** Refuses the last to come of those less urgent. @throws UNAVAILABLE when there are none */
  #makeRoom(rank: number): void {
    const last = [...(this.#lessUrgent(rank) ?? [])].at(-1);
    if (last === undefined) throw busy();
    last.refuse();
  }

  /** Probes go on for as long as calls come. */
  #startProbe(): void {
    const startedMs = this.#clock.monotonicMs();
    this.#enteredSinceProbe = false;
    this.#leftSinceProbe = 0;
    this.#probe = this.#clock.after(LOOP_PROBE_INTERVAL_MS, () => {
      const elapsedMs = this.#clock.monotonicMs() - startedMs;
      this.#adaptRunning(elapsedMs - LOOP_PROBE_INTERVAL_MS);
      this.#adaptWaiting(this.#leftSinceProbe / elapsedMs);
      this.#fill();
      this.#probe = undefined;
      if (this.#enteredSinceProbe || this.#running > 0) this.#startProbe();
    });
  }

  #adaptRunning(lateMs: number): void {
    const { runningMin, runningMax } = this.#bounds;
    const factor = Math.max(LATE_FACTOR, LOOP_DELAY_MS_MAX / lateMs);
    this.#runningMax =
      lateMs > LOOP_DELAY_MS_MAX
        ? Math.max(runningMin, Math.floor(this.#runningMax * factor))
        : Math.min(runningMax, this.#runningMax + CALM_STEP);
  }

  #adaptWaiting(servedPerMs: number): void {
    const { runningMin, waitingMax } = this.#bounds;
    const linedUpMs = this.#clock.monotonicMs() - this.#linedUpAtMs;
    const isStanding = this.#waiting > 0 && linedUpMs >= LINE_STANDS_AFTER_MS;
    const served = Math.max(runningMin, Math.floor(servedPerMs * STANDING_WAIT_MS_MAX));
    this.#waitingMax = isStanding ? Math.min(waitingMax, served) : waitingMax;
  }
}

function busy() {
  return unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
}
