import type { Kysely } from "kysely";
import type { Pool } from "pg";
import { type Clock, sleep, type Timer } from "../../core/clock.ts";
import {
  CommitUnknown,
  type Database,
  DatabaseUnavailable,
  sqlStateOf,
  type TransactionOptions,
  type Tx,
} from "../../core/database.ts";
import type { Log } from "../../core/log.ts";
import { createQueryBuilder } from "./query-builder.ts";
import { Session, watchClient } from "./session.ts";

/** How long one waits for a free connection, or for a new one to be made. */
export const CONNECTION_TIMEOUT_MS = 2_000;
/** The runtime's timers may fire a little early by the clock that durations are measured with. */
const TIMER_SLACK_MS = 100;
/** How long one statement may run. */
export const STATEMENT_TIMEOUT_MS = 5_000;
/** A statement without an answer for so long has lost its server. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000;
/** A transaction that asks nothing for so long is ended: others wait for its locks. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;
/** How long one migration may run. */
export const MIGRATION_TIMEOUT_MS = 600_000;
/** How long closing waits for transactions under way. */
const CLOSE_TIMEOUT_MS = 5_000;

/** What the two engines differ in. */
export interface Engine {
  readonly name: Database["engine"];
  readonly pool: Pool;
  /** @throws DatabaseUnavailable when what is written would find no space */
  assertWritable(): void;
  /** Runs before each transaction that may write. @throws DatabaseUnavailable */
  beforeWrite(): void;
  /** Lifts the engine's own limit on a statement while `run` runs. */
  unhurried<T>(run: () => Promise<T>): Promise<T>;
  /** Ends the engine's own use of the pool. */
  quiesce(): Promise<void>;
  /** Ends what lies behind the pool, which is closed by then. */
  close(): Promise<void>;
}

/** A database whose schema can be brought up to date; see `migrate.ts`. */
export interface MigratableDatabase extends Database {
  /** A writing transaction for a migration, which may take minutes. */
  migration<T>(run: (tx: Tx) => Promise<T>): Promise<T>;
}

export class PooledDatabase implements MigratableDatabase {
  readonly engine: Database["engine"];
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #single: Tx;
  #closing: Promise<void> | undefined;

  constructor(engine: Engine, clock: Clock, log: Log) {
    // Without listeners, the death of a connection that nobody uses would end the process.
    // The pool hangs the whole client onto the error, which is nothing for a log.
    engine.pool.on("error", ({ message }) => {
      log.warn({ reason: message }, "an idle connection to the database was lost");
    });
    engine.pool.on("connect", watchClient);
    this.engine = engine.name;
    this.#engine = engine;
    this.#clock = clock;
    const builder = createQueryBuilder({
      acquire: () => this.#acquire(ANSWER_TIMEOUT_MS),
      release: (session) => session.release(),
    });
    this.#single = { as: <Tables>() => builder as Kysely<unknown> as Kysely<Tables> };
  }

  async transaction<T>(options: TransactionOptions, run: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transaction(options, run, ANSWER_TIMEOUT_MS);
  }

  async migration<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    const options = { isolation: "read committed", readOnly: false } as const;
    return this.#engine.unhurried(() => this.#transaction(options, run, MIGRATION_TIMEOUT_MS));
  }

  async statement<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    this.#engine.beforeWrite();
    const session = await this.#acquire(ANSWER_TIMEOUT_MS);
    const running = new RunningTransaction(session, IDLE_IN_TRANSACTION_TIMEOUT_MS);
    try {
      return await run(running);
    } catch (cause) {
      if (!(cause instanceof DatabaseUnavailable && session.broken)) throw cause;
      throw new CommitUnknown("The database did not say whether it has written.", { cause });
    } finally {
      await running.end();
      session.release();
    }
  }

  single(): Tx {
    return this.#single;
  }

  async ping(): Promise<void> {
    this.#engine.assertWritable();
    const session = await this.#acquire(ANSWER_TIMEOUT_MS);
    try {
      await session.query("select 1");
    } finally {
      session.release();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#engine.quiesce();
    const ended = new AbortController();
    const late = sleep(this.#clock, CLOSE_TIMEOUT_MS, ended.signal);
    await Promise.race([this.#engine.pool.end(), late]);
    ended.abort();
    await this.#engine.close();
  }

  async #transaction<T>(
    options: TransactionOptions,
    run: (tx: Tx) => Promise<T>,
    answerTimeoutMs: number,
  ): Promise<T> {
    if (!options.readOnly) this.#engine.beforeWrite();
    const session = await this.#acquire(answerTimeoutMs);
    const running = new RunningTransaction(session, IDLE_IN_TRANSACTION_TIMEOUT_MS);
    try {
      await session.query(beginStatement(options));
      const result = await run(running);
      await running.end();
      await commit(session, options.readOnly);
      session.release();
      return result;
    } catch (error) {
      await running.end();
      await rollBack(session);
      throw error;
    }
  }

  async #acquire(answerTimeoutMs: number): Promise<Session> {
    const startedMs = this.#clock.monotonicMs();
    try {
      const client = await this.#engine.pool.connect();
      return new Session(client, this.#clock, answerTimeoutMs);
    } catch (cause) {
      if (cause instanceof DatabaseUnavailable) throw cause;
      const waitedMs = this.#clock.monotonicMs() - startedMs;
      const passing =
        waitedMs < CONNECTION_TIMEOUT_MS - TIMER_SLACK_MS &&
        !isRefusal(cause) &&
        this.#closing === undefined;
      const message = `No connection to the database could be had: ${reasonOf(cause)}`;
      throw new DatabaseUnavailable(message, { cause, passing });
    }
  }
}

/** The driver's errors have a message, but for those of a host with several addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}

/** The server answered, and its answer will stay the same: a wrong password, no such database. */
function isRefusal(error: unknown): boolean {
  return /^(28|3D)/.test(sqlStateOf(error) ?? "");
}

function beginStatement({ isolation, readOnly }: TransactionOptions): string {
  return `start transaction isolation level ${isolation}, ${readOnly ? "read only" : "read write"}`;
}

/**
 * Answers to COMMIT that mean "rolled back for certain": data, constraint and state errors,
 * serialization failures, exceptions of deferred triggers, and the statement's timeout. Any other
 * one may come from a server that goes down with the commit already on disk.
 */
const ROLLED_BACK_STATES = /^(2[0-8]...|40...|42...|44000|57014|P0...)$/;

async function commit(session: Session, readOnly: boolean): Promise<void> {
  let command: string;
  try {
    ({ command } = await session.query("commit"));
  } catch (cause) {
    if (readOnly || ROLLED_BACK_STATES.test(sqlStateOf(cause) ?? "")) throw cause;
    throw new CommitUnknown("The database did not say whether it committed.", { cause });
  }
  // COMMIT of a transaction that failed before succeeds as a ROLLBACK.
  if (command !== "COMMIT") {
    throw new Error("A statement of this transaction failed, and its error was swallowed.");
  }
}

async function rollBack(session: Session): Promise<void> {
  if (session.broken) return session.release(true);
  try {
    await session.query("rollback");
    session.release();
  } catch {
    // The connection takes the transaction with it.
    session.release(true);
  }
}

/** The `Tx` of a transaction: its statements run one after the other, and none after its end. */
class RunningTransaction implements Tx {
  readonly #session: Session;
  readonly #idleTimeoutMs: number;
  #idle: Timer;
  #builder: Kysely<object> | undefined;
  #ended = false;
  #last: Promise<void> = Promise.resolve();
  #done: () => void = () => {};

  constructor(session: Session, idleTimeoutMs: number) {
    this.#session = session;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#idle = session.endAfter(idleTimeoutMs);
  }

  as<Tables>(): Kysely<Tables> {
    this.#assertRunning();
    this.#builder ??= createQueryBuilder({
      acquire: () => this.#acquire(),
      release: () => this.#release(),
    });
    return this.#builder as Kysely<unknown> as Kysely<Tables>;
  }

  /** Closes the transaction to further statements; resolves when the last one is answered. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
    this.#idle.cancel();
  }

  async #acquire(): Promise<Session> {
    this.#assertRunning();
    const before = this.#last;
    let done = () => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    this.#idle.cancel();
    this.#done = done;
    return this.#session;
  }

  #release(): void {
    this.#idle = this.#session.endAfter(this.#idleTimeoutMs);
    this.#done();
  }

  #assertRunning(): void {
    if (this.#ended) throw new Error("This transaction has ended; it can run nothing more.");
  }
}
