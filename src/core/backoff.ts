import { fraction, type Random } from "./random.ts";

/** Pauses between attempts, in milliseconds. */
export interface Pauses {
  readonly first: number;
  readonly longest: number;
}

/**
 * How long to wait before it is tried again: twice as long after every failure, up to the longest.
 * Chance takes up to half of it away, so that those who failed together do not come back together.
 *
 * @param failures in a row, the last one included
 * @returns milliseconds
 */
export function pauseAfter(failures: number, { first, longest }: Pauses, random: Random): number {
  const wholeMs = Math.min(first * 2 ** (failures - 1), longest);
  return wholeMs * (1 - fraction(random) / 2);
}
