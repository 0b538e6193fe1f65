import { pauseAfter } from "./backoff.ts";
import { type Cancellation, type Clock, sleep } from "./clock.ts";
import {
  CommitUnknown,
  type Database,
  DatabaseUnavailable,
  type Isolation,
  sqlStateOf,
  TransactionConflict,
  type Tx,
} from "./database.ts";
import { timedOut, unavailable } from "./errors.ts";
import type { EventLog, Signal, StreamEvent } from "./event-log.ts";
import { EventCollector, type Events } from "./events.ts";
import { TRANSACTION_ATTEMPTS_MAX, TRANSACTION_RETRY_MS_MAX } from "./limits.ts";
import type { Random } from "./random.ts";
import type { ObjectSchema } from "./schema.ts";

/** What the work of one transaction may use. */
export interface Scope {
  readonly tx: Tx;
  readonly events: Events;
}

export interface WriteOptions {
  readonly isolation?: Isolation;
  /** The transaction is not committed once this is aborted. */
  readonly signal?: Cancellation;
  /**
   * Running the work again after a commit of unknown outcome has no second effect, because it
   * begins by claiming a key (`idempotency.ts`) or by looking for answers in its turn
   * (`gathering.ts`), or is a sweep.
   */
  readonly repeatable?: boolean;
}

export interface UnitOfWorkParts {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly eventSchemas: ReadonlyMap<string, ObjectSchema>;
  /** Called after each commit with the events it recorded. */
  readonly publish: (events: readonly StreamEvent[]) => void;
  /** Called after each commit with what it tells and has not recorded. */
  readonly signal: (signals: readonly Signal[]) => void;
  readonly clock: Clock;
  readonly random: Random;
}

const PAUSE_MS = { first: 20, longest: 160 } as const;
const RETRY_AFTER_MS = 1_000;

/**
 * Transactions as the product uses them: the events of the work are recorded in it and published
 * after its commit; conflicts and lost connections are tried again, bounded.
 */
export class UnitOfWork {
  readonly #parts: UnitOfWorkParts;

  constructor(parts: UnitOfWorkParts) {
    this.#parts = parts;
  }

  /** Reads of one state. */
  snapshot<T>(work: (tx: Tx) => Promise<T>, signal?: Cancellation): Promise<T> {
    const options = { isolation: "repeatable read", readOnly: true } as const;
    return this.#retrying(() => this.#parts.database.transaction(options, work), true, signal);
  }

  /** A read of one query, without a transaction around it; it too is tried again. */
  single<T>(work: (tx: Tx) => Promise<T>, signal?: Cancellation): Promise<T> {
    return this.#retrying(() => work(this.#parts.database.single()), true, signal);
  }

  /** One writing statement, a transaction by itself, that emits nothing. */
  statement<T>(
    work: (tx: Tx) => Promise<T>,
    { signal, repeatable = false }: Omit<WriteOptions, "isolation"> = {},
  ): Promise<T> {
    return this.#retrying(() => this.#parts.database.statement(work), repeatable, signal);
  }

  /** A transaction that may write and emit. `work` may run several times. */
  async write<T>(work: (scope: Scope) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    const { database, eventLog, eventSchemas, clock, publish, signal: tell } = this.#parts;
    const { signal, isolation = "read committed", repeatable = false } = options;
    const attempt = async () => {
      let recorded: readonly StreamEvent[] = [];
      let signalled: readonly Signal[] = [];
      const result = await database.transaction({ isolation, readOnly: false }, async (tx) => {
        const events = new EventCollector(eventSchemas);
        const answer = await work({ tx, events });
        signalled = events.signalled;
        recorded =
          events.emitted.length === 0
            ? []
            : await eventLog.append(tx, events.emitted, clock.nowMs());
        if (signal?.aborted) throw timedOut();
        return answer;
      });
      if (recorded.length > 0) publish(recorded);
      if (signalled.length > 0) tell(signalled);
      return result;
    };
    return this.#retrying(attempt, repeatable, signal);
  }

  async #retrying<T>(
    attempt: () => Promise<T>,
    repeatable: boolean,
    signal: Cancellation | undefined,
  ): Promise<T> {
    const { clock, random } = this.#parts;
    const startedMs = clock.monotonicMs();
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt();
      } catch (cause) {
        if (!isDatabaseTrouble(cause)) throw cause;
        const pauseMs = pauseAfter(attempts, PAUSE_MS, random);
        const spentMs = clock.monotonicMs() - startedMs + pauseMs;
        if (
          attempts >= TRANSACTION_ATTEMPTS_MAX ||
          spentMs > TRANSACTION_RETRY_MS_MAX ||
          signal?.aborted ||
          !isWorthRetrying(cause, repeatable)
        ) {
          throw unavailable(undefined, { cause, retryAfterMs: RETRY_AFTER_MS });
        }
        await sleep(clock, pauseMs, signal);
      }
    }
  }
}

/** Serialization failure, deadlock, shutdown, connection failure, too many connections. */
const PASSING_STATES = /^(40001|40P01|57P0[123]|08...|53300)$/;
/** Statement cancelled by its timeout; out of resources, full disks included. */
const TROUBLE_STATES = /^(57014|25P03|53...)$/;

function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable || error instanceof CommitUnknown) return true;
  if (error instanceof TransactionConflict) return true;
  const state = sqlStateOf(error);
  return state !== undefined && (PASSING_STATES.test(state) || TROUBLE_STATES.test(state));
}

function isWorthRetrying(error: unknown, repeatable: boolean): boolean {
  if (error instanceof CommitUnknown) return repeatable;
  if (error instanceof DatabaseUnavailable) return error.passing;
  if (error instanceof TransactionConflict) return true;
  return PASSING_STATES.test(sqlStateOf(error) ?? "");
}
