import { Dice } from "./dice.ts";
import { Scheduler } from "./scheduler.ts";
import { Trace } from "./trace.ts";
import { Wall } from "./wall.ts";

/** Events that one run may take; a run that takes more does not end. */
const STEPS_MAX = 400_000;
/** 14 November 2023, a Tuesday without meaning. */
const WALL_START_MS = 1_700_000_000_000;
/** By how much the clocks of two nodes differ at the most. */
const SKEW_MS_MAX = 100;

/** A broken promise of the program: the reason why a seed fails. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/**
 * Simulated time, clocks and chance, all of them decided by a seed, and what has happened so far.
 */
export class World {
  readonly dice: Dice;
  readonly trace: Trace;
  readonly scheduler: Scheduler;
  readonly wall: Wall;
  #violation: Violation | undefined;

  constructor(seed: number, show: ((line: string) => void) | undefined) {
    this.dice = new Dice(seed);
    this.trace = new Trace(show);
    this.scheduler = new Scheduler((atMs, label) => {
      this.trace.add(`${atMs.toFixed(3)} ${label}`);
    });
    this.wall = new Wall(this.scheduler, WALL_START_MS);
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** The first reason counts; the run ends after the present event. */
  fail(reason: string): void {
    if (this.#violation !== undefined) return;
    this.trace.add(`✖ ${reason}`);
    this.#violation = new Violation(reason);
  }

  /** Something that has to happen, as part of the world and not of a node. */
  begin(what: string, run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      this.fail(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    });
  }

  /**
   * Lets things happen until the condition holds.
   *
   * @throws Violation
   */
  async runUntil(isDone: () => boolean): Promise<void> {
    const isOver = () => this.#violation !== undefined || isDone();
    await this.scheduler.runUntil(isOver, STEPS_MAX);
    if (this.#violation !== undefined) throw this.#violation;
  }

  /**
   * Lets things happen until this is done.
   *
   * @throws Violation
   */
  async phase(what: string, run: () => Promise<unknown>): Promise<void> {
    let isDone = false;
    this.begin(what, async () => {
      await run();
      isDone = true;
    });
    await this.runUntil(() => isDone);
  }

  /** Lets the clocks of the nodes differ a little. */
  protected skewClocks(nodes: readonly string[]): void {
    for (const node of nodes) this.wall.skew(node, this.dice.below(SKEW_MS_MAX));
  }
}
