import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Clock, sleep, type Timer } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";
import type { Log } from "../../../core/log.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

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

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: DatabaseUnavailable) => void;
}

/** The first start may make an empty database, on a slow machine. */
const FIRST_START_TIMEOUT_MS = 60_000;
/** A restart replays what a crash left in the write-ahead log. */
const RESTART_TIMEOUT_MS = 10_000;
/** The pause after a failed restart doubles from this... */
const RESTART_PAUSE_MS_MIN = 50;
/** ...up to this. */
const RESTART_PAUSE_MS_MAX = 1_000;
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Keeps a worker with PGlite alive. When it dies, or an answer takes too long because a statement
 * holds its thread or a full disk makes it spin, what was asked fails and another worker opens the
 * folder; PostgreSQL's recovery finds everything that was committed.
 */
export class PgliteHost {
  readonly #options: PgliteHostOptions;
  readonly #closing = new AbortController();
  /** The worker that answers, once it does. */
  #worker: Worker | undefined;
  #ready: Promise<void> = Promise.resolve();
  #waiting: Waiting[] = [];
  #watchdog: Timer | undefined;
  /** The limits in force beside the usual one; the longest counts. */
  readonly #unhurried: number[] = [];

  private constructor(options: PgliteHostOptions) {
    this.#options = options;
  }

  /** @throws DatabaseUnavailable when PGlite cannot open the folder */
  static async open(options: PgliteHostOptions): Promise<PgliteHost> {
    const host = new PgliteHost(options);
    await host.#start(FIRST_START_TIMEOUT_MS);
    return host;
  }

  /** Resolves when a worker answers, which after a crash is after some tries. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * Sends messages of the wire protocol, a whole question, and resolves with their answer.
   *
   * @param bytes handed over: empty afterwards
   * @throws DatabaseUnavailable when the worker ends before it answers
   */
  ask(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(interrupted());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#watch(worker);
      const request: WorkerRequest = { kind: "ask", bytes };
      worker.postMessage(request, [bytes.buffer]);
    });
  }

  /**
   * Runs a single statement, in ASCII and without an answer that matters.
   *
   * @throws DatabaseUnavailable
   */
  async command(statement: string): Promise<void> {
    await this.ask(queryMessage(statement));
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

  /** Closes the database properly and ends the worker; by force when it does not obey. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ready.catch(() => {});
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = once(worker, "exit");
    const timer = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => void worker.terminate());
    const request: WorkerRequest = { kind: "close" };
    worker.postMessage(request);
    await gone;
    timer.cancel();
  }

  /** Resolves when a new worker answers. */
  #start(timeoutMs: number): Promise<void> {
    const { folder, clock } = this.#options;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { folder } });
    return new Promise((resolve, reject) => {
      const slow = clock.after(timeoutMs, () => void worker.terminate());
      let cause: unknown;
      worker.on("message", (reply: WorkerReply) => {
        if (reply.kind === "answer") return this.#onAnswer(worker, reply.bytes);
        slow.cancel();
        this.#worker = worker;
        resolve();
      });
      worker.on("error", (error) => {
        cause = error;
      });
      worker.on("exit", () => {
        slow.cancel();
        if (this.#worker === worker) this.#onDeath(cause);
        else reject(new DatabaseUnavailable("PGlite did not start.", { cause, passing: false }));
      });
    });
  }

  #onAnswer(worker: Worker, bytes: Uint8Array): void {
    this.#watchdog?.cancel();
    const waiting = this.#waiting.shift();
    if (this.#waiting.length > 0) this.#watch(worker);
    waiting?.resolve(bytes);
  }

  #watch(worker: Worker): void {
    const { answerTimeoutMs, clock, log } = this.#options;
    const limitMs = Math.max(answerTimeoutMs, ...this.#unhurried);
    this.#watchdog = clock.after(limitMs, () => {
      log.error({ limitMs }, "PGlite takes too long over a statement and is started anew");
      void worker.terminate();
    });
  }

  #onDeath(cause: unknown): void {
    this.#worker = undefined;
    this.#watchdog?.cancel();
    const error = interrupted(cause);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (this.#closing.signal.aborted) return;
    this.#options.log.warn({ err: cause }, "PGlite ended unasked and is started anew");
    this.#ready = this.#restart();
    // Whoever waits for it hears of its failure; nobody may be waiting.
    this.#ready.catch(() => {});
  }

  async #restart(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
    for (let pauseMs = RESTART_PAUSE_MS_MIN; ; pauseMs *= 2) {
      try {
        this.#options.beforeRestart();
        return await this.#start(RESTART_TIMEOUT_MS);
      } catch (err) {
        if (signal.aborted) throw err;
        log.error({ err }, "PGlite did not start and is tried again");
      }
      await sleep(clock, Math.min(pauseMs, RESTART_PAUSE_MS_MAX), signal);
      if (signal.aborted) throw interrupted();
    }
  }
}

function interrupted(cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable("PGlite was interrupted and is starting anew.", { cause });
}

/** A Query message, PostgreSQL documentation §55.7. */
function queryMessage(text: string): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(text.length + 6);
  message[0] = 0x51;
  new DataView(message.buffer).setInt32(1, text.length + 5);
  new TextEncoder().encodeInto(text, message.subarray(5));
  return message;
}
