import { createHistogram } from "node:perf_hooks";

/** What a distribution of durations comes to, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const US_PER_MS = 1_000;
/** An hour: longer ones count as that long. */
const LONGEST_US = 3_600_000_000;

/**
 * Durations, kept as a histogram (HdrHistogram, Node's own) with three significant figures: a long
 * run costs no more memory than a short one.
 */
export class Latencies {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });

  record(durationMs: number): void {
    const us = Math.round(durationMs * US_PER_MS);
    this.#histogram.record(Math.min(LONGEST_US, Math.max(1, us)));
  }

  get count(): number {
    return this.#histogram.count;
  }

  /** @param percent in (0, 100]; answers 0 when nothing was recorded */
  percentileMs(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(percent) / US_PER_MS;
  }

  summary(): LatencySummary {
    const { count } = this;
    return {
      count,
      meanMs: count === 0 ? 0 : this.#histogram.mean / US_PER_MS,
      p50Ms: this.percentileMs(50),
      p99Ms: this.percentileMs(99),
      maxMs: count === 0 ? 0 : this.#histogram.max / US_PER_MS,
    };
  }
}
