import type { Timer } from "../../../src/core/clock.ts";

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly label: string;
  /** Undefined once it was cancelled. */
  run: (() => void | Promise<void>) | undefined;
}

/**
 * One queue of simulated time for everything that happens: timers, statements, messages, faults.
 * The earliest event runs, then everything it set going in the program's own promises, until
 * nothing moves any more; only then does time pass to the next event. So each await of the program
 * ends at an event, and the order of events is all the order there is.
 */
export class Scheduler {
  /** Told of each event before it runs. */
  readonly #observe: (atMs: number, label: string) => void;
  readonly #heap: Scheduled[] = [];
  #order = 0;
  #elapsedMs = 0;
  #steps = 0;

  constructor(observe: (atMs: number, label: string) => void = () => {}) {
    this.#observe = observe;
  }

  /** Simulated milliseconds since the start, with fractions. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** Events that have run. */
  get steps(): number {
    return this.#steps;
  }

  after(delayMs: number, label: string, run: () => void | Promise<void>): Timer {
    const scheduled: Scheduled = {
      atMs: this.#elapsedMs + Math.max(0, delayMs),
      order: this.#order,
      label,
      run,
    };
    this.#order += 1;
    this.#insert(scheduled);
    return {
      cancel: () => {
        scheduled.run = undefined;
      },
    };
  }

  /** Resolves after the time. */
  sleep(delayMs: number, label: string): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, label, resolve);
    });
  }

  /**
   * Runs events until the condition holds; it is asked between events.
   *
   * @throws when nothing is left to happen, or it takes more events than that
   */
  async runUntil(isDone: () => boolean, stepsMax: number): Promise<void> {
    const last = this.#steps + stepsMax;
    await quiet();
    while (!isDone()) {
      if (this.#steps >= last) throw new Error(`This does not end within ${stepsMax} events.`);
      if (!(await this.#step())) throw new Error("Nothing is left to happen.");
    }
  }

  async #step(): Promise<boolean> {
    const next = this.#take();
    if (next === undefined) return false;
    const { run } = next;
    if (run === undefined) return true;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
    this.#steps += 1;
    this.#observe(this.#elapsedMs, next.label);
    const running = run();
    if (running !== undefined) await running;
    await quiet();
    return true;
  }

  #insert(scheduled: Scheduled): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(scheduled);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Scheduled;
      if (!isBefore(scheduled, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = scheduled;
  }

  #take(): Scheduled | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, heap[below] as Scheduled)) below += 1;
      const child = heap[below] as Scheduled;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Scheduled, other: Scheduled): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/**
 * Resolves when every promise that can settle has: the runtime looks at its queue of ticks only
 * when the queue of promise jobs is empty. The program under simulation sets no ticks of its own.
 */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
