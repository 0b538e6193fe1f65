import { type ClientBase, DatabaseError, type PoolClient, type QueryResult } from "pg";
import type { Clock, Timer } from "../../core/clock.ts";
import { DatabaseUnavailable, sqlStateOf } from "../../core/database.ts";

/** "Disk full", the one lack of resources that does not pass by itself (SQLSTATE 53100). */
const DISK_FULL = "53100";

/**
 * A statement that begins with its name is prepared once a connection: it is parsed and planned the
 * first few times and no more. The name stands for one text, whatever the values.
 */
const PREPARED = /^\s*-- prepared: ([a-z_]+)\n/;

const lostClients = new WeakSet<ClientBase>();

/**
 * Notes when the client loses its connection, which the errors of its queries do not tell, and
 * keeps the process alive when that happens while nobody else listens.
 */
export function watchClient(client: ClientBase): void {
  client.on("error", () => lostClients.add(client));
}

/**
 * One client of the pool for as long as somebody has it. It gives up a query that is never
 * answered: the server's own timeouts cannot arrive over a network that has fallen silent.
 */
export class Session {
  readonly #client: PoolClient;
  readonly #clock: Clock;
  readonly #answerTimeoutMs: number;
  /** A lost connection leaves its place in the pool at once, whatever its user still does. */
  readonly #onError = (): void => this.release(true);
  #released = false;

  constructor(client: PoolClient, clock: Clock, answerTimeoutMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#answerTimeoutMs = answerTimeoutMs;
    client.on("error", this.#onError);
  }

  /** Nothing more can be asked, and what was asked last may or may not have happened. */
  get broken(): boolean {
    return this.#released || lostClients.has(this.#client);
  }

  /** Closes the connection after the time, unless the timer is cancelled. */
  endAfter(idleMs: number): Timer {
    return this.#clock.after(idleMs, () => this.release(true));
  }

  /**
   * Several statements in one text are possible when there are no values.
   *
   * @throws DatabaseUnavailable when the connection broke or the disk is full; else what the
   *   database said
   */
  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    const timer = this.endAfter(this.#answerTimeoutMs);
    try {
      const name = PREPARED.exec(text)?.[1];
      if (name === undefined) return await this.#client.query(text, [...values]);
      return await this.#client.query({ name, text, values: [...values] });
    } catch (cause) {
      if (cause instanceof DatabaseError) removeData(cause);
      else if (this.broken) throw asUnavailable(cause);
      if (sqlStateOf(cause) !== DISK_FULL) throw cause;
      throw new DatabaseUnavailable("The database's disk is full.", { cause, passing: false });
    } finally {
      timer.cancel();
    }
  }

  /** Gives the client back, or closes its connection when it is broken or to be discarded. */
  release(discard = false): void {
    if (this.#released) return;
    const unusable = discard || this.broken;
    this.#released = true;
    this.#client.removeListener("error", this.#onError);
    this.#client.release(unusable);
  }
}

function asUnavailable(cause: unknown): DatabaseUnavailable {
  if (cause instanceof DatabaseUnavailable) return cause;
  return new DatabaseUnavailable("The connection to the database broke.", { cause });
}

/** These fields quote rows and parameters, secrets among them, and errors end up in the log. */
function removeData(error: DatabaseError): void {
  error.detail = undefined;
  error.where = undefined;
}
