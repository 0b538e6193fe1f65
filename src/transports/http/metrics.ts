import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
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

  /** Adds a count that only grows, read when it is asked for. */
  counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** Adds counts that only grow, by the values of one label: why sockets ended, for instance. */
  counters(
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  }

  /** Everything in Prometheus' text format. */
  async text(): Promise<string> {
    return this.#calls.text() + (await this.#registry.metrics());
  }
}
