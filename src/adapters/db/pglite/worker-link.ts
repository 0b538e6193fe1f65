import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";
import type { Log } from "../../../core/log.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

export interface WorkerLinkOptions {
  /** PostgreSQL's data folder; PGlite makes an empty database when it is missing. */
  readonly folder: string;
  /** How long the worker may take to open it. */
  readonly startTimeoutMs: number;
  /** How long an answer may take at the moment. */
  readonly answerTimeoutMs: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: DatabaseUnavailable) => void;
}

const CLOSE_TIMEOUT_MS = 10_000;

/**
 * One worker with PGlite, from its start to its end. PostgreSQL's session lives and dies with it,
 * and so do the connections over it. A worker is ended when it takes too long over an answer,
 * because nothing else stops the statement that holds its thread, and when PostgreSQL panics.
 */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #options: WorkerLinkOptions;
  readonly #lost = new AbortController();
  readonly #waiting: Waiting[] = [];
  #watchdog: Timer | undefined;

  private constructor(worker: Worker, options: WorkerLinkOptions) {
    this.#worker = worker;
    this.#options = options;
  }

  /** @throws DatabaseUnavailable when PGlite cannot open the folder */
  static async start(options: WorkerLinkOptions): Promise<WorkerLink> {
    const { folder, startTimeoutMs, clock } = options;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { folder } });
    const link = new WorkerLink(worker, options);
    const slow = clock.after(startTimeoutMs, () => void worker.terminate());
    let cause: unknown;
    worker.on("error", (error) => {
      cause = error;
    });
    const started = new Promise<void>((resolve, reject) => {
      worker.on("message", (reply: WorkerReply) => {
        if (reply.kind === "answer") link.#onAnswer(reply.bytes);
        else resolve();
      });
      worker.on("exit", () => {
        const reason = cause instanceof Error ? cause.message : "it took too long";
        const message = `PGlite could not open ${folder}: ${reason}`;
        reject(new DatabaseUnavailable(message, { cause, passing: false }));
        link.#onExit(cause);
      });
    });
    try {
      await started;
    } finally {
      slow.cancel();
    }
    return link;
  }

  /** Aborted when the worker has ended. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Sends messages of the wire protocol, a whole question, and resolves with their answer.
   *
   * @param bytes handed over: empty afterwards
   * @throws DatabaseUnavailable when the worker ends before it answers
   */
  ask(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    if (this.lost.aborted) return Promise.reject(interrupted());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#watch();
      this.#post({ kind: "ask", bytes }, [bytes.buffer]);
    });
  }

  /**
   * Runs a statement in ASCII whose answer does not matter.
   *
   * @throws DatabaseUnavailable
   */
  async command(statement: string): Promise<void> {
    await this.ask(queryMessage(statement));
  }

  /** Closes the database properly and ends the worker; by force when it does not obey. */
  async close(): Promise<void> {
    if (this.lost.aborted) return;
    const gone = new Promise((resolve) => this.lost.addEventListener("abort", resolve));
    const slow = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => void this.terminate());
    this.#post({ kind: "close" });
    await gone;
    slow.cancel();
  }

  /** Ends the worker wherever it is; its database recovers at the next start. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #post(request: WorkerRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #onAnswer(bytes: Uint8Array): void {
    this.#watchdog?.cancel();
    if (!endsReady(bytes)) {
      this.#options.log.error({}, "PGlite panicked and is ended");
      return void this.terminate();
    }
    const waiting = this.#waiting.shift();
    if (this.#waiting.length > 0) this.#watch();
    waiting?.resolve(bytes);
  }

  #watch(): void {
    const { answerTimeoutMs, clock, log } = this.#options;
    const limitMs = answerTimeoutMs();
    this.#watchdog = clock.after(limitMs, () => {
      log.error({ limitMs }, "a statement takes too long, and PGlite is ended");
      void this.terminate();
    });
  }

  #onExit(cause: unknown): void {
    this.#watchdog?.cancel();
    const error = interrupted(cause);
    this.#lost.abort(error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function interrupted(cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable("PGlite was interrupted and is starting anew.", { cause });
}

/**
 * Whether an answer ends with ReadyForQuery (§55.7), as all do but that of a server which is going
 * down, above all because its log found no space.
 */
function endsReady(bytes: Uint8Array): boolean {
  const [type, ...length] = bytes.subarray(-6, -1);
  return type === 0x5a && length.join() === "0,0,0,5";
}

/** A Query message, PostgreSQL documentation §55.7. */
function queryMessage(text: string): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(text.length + 6);
  message[0] = 0x51;
  new DataView(message.buffer).setInt32(1, text.length + 5);
  new TextEncoder().encodeInto(text, message.subarray(5));
  return message;
}
