import type { Clock } from "../../../src/core/clock.ts";
import type { Dice } from "./dice.ts";
import type { FaultRates } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Wall } from "./wall.ts";

export interface LifeParts {
  readonly node: string;
  readonly generation: number;
  readonly scheduler: Scheduler;
  readonly wall: Wall;
  readonly rates: Pick<FaultRates, "timerLate">;
  readonly dice: Dice;
}

/**
 * One life of a node, from its start to its crash. Everything that reaches the program in it comes
 * through `enter`; after the crash nothing does, so the program stops at whatever it awaits.
 */
export class NodeLife {
  readonly node: string;
  readonly name: string;
  readonly clock: Clock;
  /** The program's own chance. */
  readonly random: Dice;
  readonly #scheduler: Scheduler;
  readonly #deaths: Array<() => void> = [];
  #pausedUntilMs = 0;
  #isAlive = true;

  constructor({ node, generation, scheduler, wall, rates, dice }: LifeParts) {
    this.node = node;
    this.name = `${node}${generation}`;
    this.random = dice.fork(`${this.name} random`);
    this.#scheduler = scheduler;
    const lateness = dice.fork(`${this.name} timers`);
    const label = `${this.name} timer`;
    this.clock = {
      nowMs: () => wall.nowMs(node),
      monotonicMs: () => scheduler.elapsedMs,
      after: (delayMs, run) => {
        const lateMs = lateness.chance(rates.timerLate) ? lateness.between(1, 400) : 0;
        const delay = delayMs + lateness.fraction() + lateMs;
        return scheduler.after(delay, label, () => this.enter(run));
      },
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Runs a part of the program, after the pause if there is one, unless the node is dead. */
  enter(run: () => void): void {
    if (!this.#isAlive) return;
    const restMs = this.#pausedUntilMs - this.#scheduler.elapsedMs;
    if (restMs <= 0) run();
    else this.#scheduler.after(restMs, `${this.name} resumed`, () => this.enter(run));
  }

  /** The node stands still for so long, as in a long collection of garbage. */
  pause(forMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#scheduler.elapsedMs + forMs);
  }

  /** Until when it stands still, in simulated time. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  onDeath(listener: () => void): void {
    this.#deaths.push(listener);
  }

  /** The process is gone at this moment. */
  kill(): void {
    this.#isAlive = false;
    for (const listener of this.#deaths) listener();
  }
}
