import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { CallStats } from "./call-stats.ts";

const LOOP_SAMPLE_INTERVAL_MS = 20;

/** What the process tells Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #calls = new CallStats();
  readonly contentType = this.#registry.contentType;
  /** Counts a finished call: what `Dispatch` takes as `observe`. */
  readonly observe = this.#calls.observe;

  constructor() {
    // Memory, processor, garbage collection and the event loop's delay.
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: LOOP_SAMPLE_INTERVAL_MS,
    });
  }

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
  async text(): Promise<string> {
    return this.#calls.text() + (await this.#registry.metrics());
  }
}
