import type { Scheduler } from "./scheduler.ts";

/**
 * The clocks on the wall. Those of the nodes differ by a little; all of them together may be set
 * forward or back, as when the installation was asleep or its clock was corrected.
 */
export class Wall {
  readonly #scheduler: Scheduler;
  readonly #skewMs = new Map<string, number>();
  #offsetMs: number;
  #latestMs: number;
  /** What the clocks showed right before each jump. */
  readonly #peaks: { readonly elapsedMs: number; readonly readingMs: number }[] = [];
  readonly #offsets: { readonly elapsedMs: number; readonly offsetMs: number }[];
  /** By how much all clocks were set forward, together. */
  forwardMs = 0;

  constructor(scheduler: Scheduler, startMs: number) {
    this.#scheduler = scheduler;
    this.#offsetMs = startMs;
    this.#latestMs = startMs;
    this.#offsets = [{ elapsedMs: 0, offsetMs: startMs }];
  }

  /** Lets the clock of a node be ahead by so much. */
  skew(node: string, aheadMs: number): void {
    this.#skewMs.set(node, aheadMs);
  }

  /** Sets all clocks. */
  jump(byMs: number): void {
    this.latestMs();
    const { elapsedMs } = this.#scheduler;
    this.#peaks.push({ elapsedMs, readingMs: this.#reading(0) });
    this.#offsetMs += byMs;
    this.#offsets.push({ elapsedMs, offsetMs: this.#offsetMs });
    this.forwardMs += Math.max(0, byMs);
  }

  nowMs(node: string): number {
    return Math.floor(this.#offsetMs + this.#scheduler.elapsedMs + (this.#skewMs.get(node) ?? 0));
  }

  /** What the clock furthest behind shows. */
  earliestMs(): number {
    return this.#reading(Math.min(0, ...this.#skewMs.values()));
  }

  /** The latest time that any clock has shown so far. */
  latestMs(): number {
    const now = this.#reading(Math.max(0, ...this.#skewMs.values()));
    this.#latestMs = Math.max(this.#latestMs, now);
    return this.#latestMs;
  }

  /**
   * By how much the clocks have gone forward since then, from the earliest that they have shown
   * meanwhile: what began after they were set back began at that earlier time.
   */
  advanceSince(elapsedMs: number): number {
    const then = this.#offsets.findLast((one) => one.elapsedMs <= elapsedMs);
    let lowestMs = (then?.offsetMs ?? 0) + elapsedMs;
    let advancedMs = 0;
    const look = (readingMs: number) => {
      lowestMs = Math.min(lowestMs, readingMs);
      advancedMs = Math.max(advancedMs, readingMs - lowestMs);
    };
    for (const [index, peak] of this.#peaks.entries()) {
      if (peak.elapsedMs <= elapsedMs) continue;
      look(peak.readingMs);
      const after = this.#offsets[index + 1];
      if (after !== undefined) look(after.offsetMs + after.elapsedMs);
    }
    look(this.#reading(0));
    return advancedMs;
  }

  #reading(skewMs: number): number {
    return Math.floor(this.#offsetMs + this.#scheduler.elapsedMs + skewMs);
  }
}
