import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CallReport } from "../../core/dispatch.ts";

const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const LOOP_SAMPLE_INTERVAL_MS = 20;

/** What the process tells Prometheus. Labels are names of definitions, so their number is bounded. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #calls = new Counter({
    name: "stoa_calls_total",
    help: "Calls that ended, by operation, transport and code (OK, or the error's).",
    labelNames: ["name", "transport", "code"] as const,
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: "stoa_call_duration_seconds",
    help: "How long calls took, by operation and transport.",
    labelNames: ["name", "transport"] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [this.#registry],
  });
  readonly contentType = this.#registry.contentType;

  constructor() {
    // Memory, processor, garbage collection and the event loop's delay.
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: LOOP_SAMPLE_INTERVAL_MS,
    });
  }

  /** Counts a finished call: what `Dispatch` takes as `observe`. */
  readonly observe = ({ name, transport, code, durationMs }: CallReport): void => {
    this.#calls.inc({ name, transport, code }, 1);
    this.#durations.observe({ name, transport }, durationMs / 1000);
  };

  /** Adds a figure that is read when it is asked for, `stoa_sockets` or `stoa_topics`. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
