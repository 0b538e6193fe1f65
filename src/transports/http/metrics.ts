import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { CallStats } from "./call-stats.ts";

const LOOP_SAMPLE_INTERVAL_MS = 20;

/** What a protocol's sockets have come to since the start. */
interface SocketFigures {
  readonly open: number;
  readonly subscriptions: number;
  readonly pushes: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
}

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

  /** Adds the figures of the sockets that speak one protocol. */
  sockets(prefix: string, read: () => SocketFigures): void {
    this.gauge(`${prefix}_sockets`, "Open sockets.", () => read().open);
    this.gauge(`${prefix}_subscriptions`, "Open subscriptions.", () => read().subscriptions);
    this.counter(`${prefix}_pushes_total`, "Pushes written.", () => read().pushes);
    const ended = `${prefix}_sockets_ended_total`;
    this.counters(ended, "Sockets that ended.", "reason", () => read().closed);
    const refused = `${prefix}_handshakes_refused_total`;
    this.counters(refused, "Refused handshakes.", "code", () => read().refused);
  }

  /** Everything in Prometheus' text format. */
  async text(): Promise<string> {
    return this.#calls.text() + (await this.#registry.metrics());
  }
}
