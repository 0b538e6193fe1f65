import type { CallReport } from "../../core/dispatch.ts";

const BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;
const BOUNDS_MS = BOUNDS_S.map((bound) => bound * 1_000);

/** The calls of one operation over one transport. */
interface Series {
  readonly name: string;
  readonly transport: string;
  readonly codes: Map<string, number>;
  /** How many calls took at most each bound and more than the one before. */
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

/**
 * Counts calls and their durations. Every request passes here, so a call costs two look-ups and
 * a few additions; Prometheus' text, labels and all, is made when it is asked for.
 */
export class CallStats {
  readonly #names = new Map<string, Map<string, Series>>();

  readonly observe = ({ name, transport, code, durationMs }: CallReport): void => {
    const series = this.#names.get(name)?.get(transport) ?? this.#begin(name, transport);
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    series.count += 1;
    series.sumMs += durationMs;
    const at = BOUNDS_MS.findIndex((bound) => durationMs <= bound);
    if (at !== -1) series.buckets[at] = (series.buckets[at] ?? 0) + 1;
  };

  #begin(name: string, transport: string): Series {
    const buckets = BOUNDS_S.map(() => 0);
    const series = { name, transport, codes: new Map(), buckets, count: 0, sumMs: 0 };
    const transports = this.#names.get(name) ?? new Map<string, Series>();
    transports.set(transport, series);
    this.#names.set(name, transports);
    return series;
  }

  /** In Prometheus' text format, version 0.0.4. */
  text(): string {
    const all = [...this.#names.values()].flatMap((transports) => [...transports.values()]);
    return [
      "# HELP stoa_calls_total Calls that ended, by operation, transport and code.",
      "# TYPE stoa_calls_total counter",
      ...all.flatMap(countLines),
      "# HELP stoa_call_duration_seconds How long calls took, by operation and transport.",
      "# TYPE stoa_call_duration_seconds histogram",
      ...all.flatMap(durationLines),
      "",
    ].join("\n");
  }
}

/** Names, transports and codes are those of definitions: nothing in them needs escaping. */
function labelsOf({ name, transport }: Series): string {
  return `name="${name}",transport="${transport}"`;
}

function countLines(series: Series): string[] {
  const labels = labelsOf(series);
  return [...series.codes].map(
    ([code, count]) => `stoa_calls_total{${labels},code="${code}"} ${count}`,
  );
}

function durationLines(series: Series): string[] {
  const labels = labelsOf(series);
  let total = 0;
  const buckets = BOUNDS_S.map((bound, at) => {
    total += series.buckets[at] ?? 0;
    return `stoa_call_duration_seconds_bucket{${labels},le="${bound}"} ${total}`;
  });
  return [
    ...buckets,
    `stoa_call_duration_seconds_bucket{${labels},le="+Inf"} ${series.count}`,
    `stoa_call_duration_seconds_sum{${labels}} ${series.sumMs / 1_000}`,
    `stoa_call_duration_seconds_count{${labels}} ${series.count}`,
  ];
}
