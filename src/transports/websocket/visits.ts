import type { Clock, Timer } from "../../core/clock.ts";
import { VISIT_INTERVAL_MS } from "./limits.ts";

/** Something to be looked after. */
export interface Visited {
  visit(nowMs: number): void;
}

const TICK_MS = 1_000;

/**
 * Visits everything every {@link VISIT_INTERVAL_MS}, a part of it each second: a wheel with one
 * timer, however many there are.
 */
export class Visits {
  readonly #clock: Clock;
  readonly #wheel = Array.from({ length: VISIT_INTERVAL_MS / TICK_MS }, () => new Set<Visited>());
  #position = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#schedule();
  }

  /** Joins the part of the wheel that was just visited, so the first visit is a whole turn away. */
  add(visited: Visited): void {
    this.#wheel[this.#position]?.add(visited);
  }

  remove(visited: Visited): void {
    for (const part of this.#wheel) if (part.delete(visited)) return;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#clock.after(TICK_MS, () => {
      this.#position = (this.#position + 1) % this.#wheel.length;
      const nowMs = this.#clock.monotonicMs();
      for (const visited of this.#wheel[this.#position] ?? []) visited.visit(nowMs);
      this.#schedule();
    });
  }
}
