/**
 * Comparing under noise. What is compared runs in turn, in short slices: a machine that slows down
 * for a while slows down all of them, and the median of the ratios of slices that ran side by side
 * does not see the few during which it changed.
 */

/** What a slice measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** What runs in turn: each runs one slice of itself. */
type Sides = Readonly<Record<string, () => Promise<Figures>>>;
type Slices<S extends Sides> = {
  readonly [Side in keyof S]: ReadonlyArray<Awaited<ReturnType<S[Side]>>>;
};

export interface AlternateOptions {
  /** Slices of each side that are measured. */
  readonly rounds: number;
  /** Slices of each side before, whose figures are thrown away. */
  readonly warmUps: number;
}

/** Runs a slice of each side a round, every second round in the reverse order. */
export async function alternate<S extends Sides>(
  sides: S,
  { rounds, warmUps }: AlternateOptions,
): Promise<Slices<S>> {
  const measured = Object.fromEntries(Object.keys(sides).map((side) => [side, [] as Figures[]]));
  for (let round = -warmUps; round < rounds; round += 1) {
    const order = Object.entries(sides);
    if (round % 2 !== 0) order.reverse();
    for (const [side, run] of order) {
      const figures = await run();
      if (round >= 0) measured[side]?.push(figures);
    }
  }
  return measured as unknown as Slices<S>;
}

/** The value below which this share of the values lies, between two values if need be. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error("There is no quantile of nothing.");
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Ratios of pairs: the middle one, and where the middle half of them lies. */
export interface Ratio {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly pairs: number;
}

/** Of each pair of slices that ran side by side, the first by the second. */
export function pairedRatio(ours: readonly number[], reference: readonly number[]): Ratio {
  if (ours.length !== reference.length) throw new Error("Every slice needs its pair.");
  const ratios = ours.map((value, at) => value / (reference[at] ?? Number.NaN));
  return {
    median: median(ratios),
    lowerQuartile: quantile(ratios, 0.25),
    upperQuartile: quantile(ratios, 0.75),
    pairs: ratios.length,
  };
}

/** One figure of all slices. */
export function pick<F extends Figures>(slices: readonly F[], figure: keyof F): number[] {
  return slices.map((slice) => slice[figure] ?? Number.NaN);
}
