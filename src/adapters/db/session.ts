import type { PoolClient, QueryResult } from "pg";
import type { Clock } from "../../core/clock.ts";
import { DatabaseUnavailable, sqlStateOf } from "../../core/database.ts";

/** "Disk full", the one lack of resources that does not pass by itself (SQLSTATE 53100). */
const DISK_FULL = "53100";

/**
 * One client of the pool for as long as somebody has it. It knows whether its connection is
 * broken, which the driver's errors do not tell, and gives up a query that is never answered:
 * the server's own timeouts cannot arrive over a network that has fallen silent.
 */
export class Session {
  readonly #client: PoolClient;
  readonly #clock: Clock;
  readonly #answerTimeoutMs: number;
  readonly #onError = (): void => {
    this.#broken = true;
  };
  #broken = false;
  #released = false;

  constructor(client: PoolClient, clock: Clock, answerTimeoutMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#answerTimeoutMs = answerTimeoutMs;
    client.on("error", this.#onError);
  }

  /** Nothing more can be asked, and what was asked last may or may not have happened. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Several statements in one text are possible when there are no values.
   *
   * @throws DatabaseUnavailable when the connection broke or the disk is full; else what the
   *   database said
   */
  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    const timer = this.#clock.after(this.#answerTimeoutMs, () => this.release(true));
    try {
      return await this.#client.query(text, [...values]);
    } catch (cause) {
      const state = sqlStateOf(cause);
      if (state === DISK_FULL) {
        throw new DatabaseUnavailable("The database's disk is full.", { cause, passing: false });
      }
      if (!this.#broken || state !== undefined || cause instanceof DatabaseUnavailable) throw cause;
      throw new DatabaseUnavailable("The connection to the database broke.", { cause });
    } finally {
      timer.cancel();
    }
  }

  /** Gives the client back, or closes its connection when it is broken or to be discarded. */
  release(discard = false): void {
    if (this.#released) return;
    this.#released = true;
    this.#broken ||= discard;
    this.#client.release(this.#broken);
    this.#client.removeListener("error", this.#onError);
  }
}
