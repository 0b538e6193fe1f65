import type { Ratio } from "./slices.ts";

/** A figure with its unit, as `12.3 µs` or `5,000 /s`. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
}

/** What the ratio of ours by the reference should reach. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the table. Without an aim it is there for information. */
export interface Row {
  readonly what: string;
  readonly ours: Figure;
  /** What ours is held against, measured in the same run. */
  readonly reference?: Figure & { readonly name: string };
  readonly ratio?: Ratio;
  readonly aim?: Aim;
}

export interface Answer {
  readonly rows: readonly Row[];
  /** What else took part, such as the version of PostgreSQL. */
  readonly with?: Readonly<Record<string, string>>;
}

/** One file of `bench/`: `npm run bench -- fan-out`. */
export interface Question {
  readonly name: string;
  /** In a sentence. */
  readonly asks: string;
  answer(): Promise<Answer>;
}

/** Undefined when there is no aim. */
export function isReached({ aim, ratio }: Row): boolean | undefined {
  if (aim === undefined) return undefined;
  if (ratio === undefined) throw new Error("An aim is held against a ratio.");
  return "atLeast" in aim ? ratio.median >= aim.atLeast : ratio.median <= aim.atMost;
}
