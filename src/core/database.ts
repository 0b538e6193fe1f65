import type { Kysely } from "kysely";

/**
 * The database as a port. Two adapters implement it, PGlite in a worker thread and a PostgreSQL
 * server, and one test suite runs over both.
 */

export type Isolation = "read committed" | "repeatable read" | "serializable";

/**
 * A running transaction (or, from `Database.single`, a session without one, in which every query
 * stands alone). A `Tx` that has ended throws when used.
 */
export interface Tx {
  /** The query builder over the tables a store declares. Called in `store.ts` files only. */
  as<Tables>(): Kysely<Tables>;
}

export interface TransactionOptions {
  readonly isolation: Isolation;
  readonly readOnly: boolean;
}

export interface Database {
  /** Which engine answers; race tests need `postgres`. */
  readonly engine: "pglite" | "postgres";
  /**
   * One attempt: BEGIN, `run`, COMMIT; ROLLBACK when `run` throws. Retrying is the business of
   * `unit-of-work.ts`.
   *
   * @throws CommitUnknown when the connection broke after COMMIT was sent
   * @throws DatabaseUnavailable when no connection could be had in time, or the disk is full
   */
  transaction<T>(options: TransactionOptions, run: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * For one statement that writes and is a transaction by itself: it costs a single round trip.
   *
   * @throws CommitUnknown when the connection broke before its answer came
   * @throws DatabaseUnavailable as `transaction` does
   */
  statement<T>(run: (tx: Tx) => Promise<T>): Promise<T>;
  /** A session without a transaction, for reads of a single query. */
  single(): Tx;
  /** Resolves when a trivial query is answered, and writing is not refused for want of space. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** COMMIT was sent and no answer came: the transaction may or may not have happened. */
export class CommitUnknown extends Error {
  override readonly name = "CommitUnknown";
}

/**
 * Another transaction has changed what this one relies on, found out by our own code where the
 * database cannot. Nothing was committed; the work is run again.
 */
export class TransactionConflict extends Error {
  override readonly name = "TransactionConflict";
}

/** No connection, no space, or a watchdog ended the query: nothing was committed. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  /** False when trying again at once is pointless: no space, or the wait itself took long. */
  readonly passing: boolean;

  constructor(message: string, options: { cause?: unknown; passing?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.passing = options.passing ?? true;
  }
}

/**
 * The SQLSTATE of a driver's error, or undefined when it is not one. Every SQLSTATE has a digit;
 * EPIPE and its like, which a broken socket has for a code, have none.
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The name of the constraint that a statement violated, or undefined. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!sqlStateOf(error)?.startsWith("23")) return undefined;
  const { constraint } = error as { constraint?: unknown };
  return typeof constraint === "string" ? constraint : undefined;
}
