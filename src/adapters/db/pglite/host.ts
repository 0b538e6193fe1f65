import { type Clock, sleep } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { WorkerLink } from "./worker-link.ts";

export interface PgliteHostOptions {
  /** PostgreSQL's data folder; PGlite makes an empty database when it is missing. */
  readonly folder: string;
  /** How long an answer may take before the worker is ended and begun anew. */
  readonly answerTimeoutMs: number;
  /** Throws while a restart is pointless, for want of space. */
  beforeRestart(): void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first start may make an empty database, on a slow machine. */
const FIRST_START_TIMEOUT_MS = 180_000;
/** A restart replays what a crash left in the write-ahead log. */
const RESTART_TIMEOUT_MS = 10_000;
/** The pause after a failed restart doubles from this... */
const RESTART_PAUSE_MS_MIN = 50;
/** ...up to this. */
const RESTART_PAUSE_MS_MAX = 1_000;

/**
 * Keeps a worker with PGlite alive. When one ends unasked, what was asked fails, and another one
 * opens the folder; PostgreSQL's recovery finds everything that was committed.
 */
export class PgliteHost {
  readonly #options: PgliteHostOptions;
  readonly #closing = new AbortController();
  /** The limits in force beside the usual one; the longest counts. */
  readonly #unhurried: number[] = [];
  #link: Promise<WorkerLink>;

  private constructor(options: PgliteHostOptions) {
    this.#options = options;
    this.#link = this.#start(FIRST_START_TIMEOUT_MS);
  }

  /** @throws DatabaseUnavailable when PGlite cannot open the folder */
  static async open(options: PgliteHostOptions): Promise<PgliteHost> {
    const host = new PgliteHost(options);
    await host.link();
    return host;
  }

  /** The worker that answers at the moment; after a crash, the next one once it does. */
  link(): Promise<WorkerLink> {
    return this.#link;
  }

  /** Lets answers take as long as `timeoutMs` while `run` runs. */
  async unhurried<T>(timeoutMs: number, run: () => Promise<T>): Promise<T> {
    this.#unhurried.push(timeoutMs);
    try {
      return await run();
    } finally {
      this.#unhurried.splice(this.#unhurried.indexOf(timeoutMs), 1);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const link = await this.#link.catch(() => undefined);
    await link?.close();
  }

  async #start(startTimeoutMs: number): Promise<WorkerLink> {
    const { folder, clock, log } = this.#options;
    const answerTimeoutMs = () => Math.max(this.#options.answerTimeoutMs, ...this.#unhurried);
    const link = await WorkerLink.start({ folder, startTimeoutMs, answerTimeoutMs, clock, log });
    link.lost.addEventListener("abort", () => {
      if (this.#closing.signal.aborted) return;
      log.warn({ err: link.lost.reason }, "PGlite ended unasked and is started anew");
      this.#link = this.#restart();
      // Whoever waits for it hears of its failure, and nobody may be waiting.
      this.#link.catch(() => {});
    });
    return link;
  }

  /** Rejects only when the host is closed meanwhile. */
  async #restart(): Promise<WorkerLink> {
    const { beforeRestart, clock, log } = this.#options;
    const { signal } = this.#closing;
    let complaint = "";
    for (let pauseMs = RESTART_PAUSE_MS_MIN; ; pauseMs *= 2) {
      try {
        beforeRestart();
        return await this.#start(RESTART_TIMEOUT_MS);
      } catch (err) {
        if (signal.aborted) throw err;
        if (String(err) !== complaint) log.error({ err }, "PGlite does not start, for now");
        complaint = String(err);
      }
      await sleep(clock, Math.min(pauseMs, RESTART_PAUSE_MS_MAX), signal);
      signal.throwIfAborted();
    }
  }
}
