import type { Clock, Timer } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";

/** Runs a statement outside of any transaction, when it is its turn, and answers the rows. */
export type RunStatement = (statement: string) => Promise<ReadonlyArray<Record<string, unknown>>>;

export interface UpkeepOptions {
  readonly run: RunStatement;
  readonly clock: Clock;
  readonly log: Log;
  readonly writesMax?: number;
  readonly logBytesMax?: number;
}

/** Everything is done after so many writing transactions... */
const UPKEEP_WRITES_MAX = 10_000;
/** ...or after so long, if anything was written. */
const UPKEEP_INTERVAL_MS = 5 * 60_000;
/** After so many writing transactions the length of the write-ahead log is looked at. */
const WRITES_PER_LOOK = 500;
/** A checkpoint cuts a write-ahead log longer than this, as `max_wal_size` does elsewhere. */
const LOG_BYTES_MAX = 64 * 1_048_576;
/** While space is short, a checkpoint may free some, but hardly twice in so short a time. */
const RELIEF_INTERVAL_MS = 10_000;

const LOG_BYTES = `
  select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes
  from pg_control_checkpoint()
`;
const TABLES = `
  select oid::regclass::text as name from pg_class
  where relkind = 'r' and relpersistence <> 't'
  order by oid desc
`;

/**
 * Does what PostgreSQL's checkpointer and autovacuum do. PGlite has neither, and its log and dead
 * rows would grow for ever; it counts no dead rows either, so every table has its turn.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #writesMax: number;
  #timer: Timer | undefined;
  #writes = 0;
  #writesAtLook = 0;
  #relievedAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#writesMax = options.writesMax ?? UPKEEP_WRITES_MAX;
    this.#schedule();
  }

  /** Counts a writing transaction. */
  wrote(): void {
    this.#writes += 1;
    if (this.#writes >= this.#writesMax) {
      this.#begin(() => this.#everything());
    } else if (this.#writes - this.#writesAtLook >= WRITES_PER_LOOK) {
      this.#writesAtLook = this.#writes;
      this.#begin(() => this.#cutLongLog());
    }
  }

  /** Space is short: frees what a checkpoint can. */
  relieve(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#relievedAtMs < RELIEF_INTERVAL_MS) return;
    this.#relievedAtMs = nowMs;
    this.#begin(() => this.#checkpoint());
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(UPKEEP_INTERVAL_MS, () => {
      if (this.#writes > 0) this.#begin(() => this.#everything());
      this.#schedule();
    });
  }

  #begin(work: () => Promise<void>): void {
    if (this.#stopped || this.#running !== undefined) return;
    this.#running = work()
      .catch((err: unknown) => {
        this.#writes = Math.max(this.#writes, this.#writesMax - WRITES_PER_LOOK);
        this.#options.log.warn({ err }, "upkeep of the database failed and will be tried again");
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #everything(): Promise<void> {
    const { run, clock, log } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#writes = 0;
    this.#writesAtLook = 0;
    const tables = await run(TABLES);
    for (const { name } of tables) {
      if (this.#stopped) return;
      await run(`vacuum (analyze) ${name}`);
    }
    await this.#checkpoint();
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    log.debug({ tables: tables.length, tookMs }, "the database was vacuumed");
  }

  async #cutLongLog(): Promise<void> {
    const [row] = await this.#options.run(LOG_BYTES);
    if (Number(row?.["bytes"]) > (this.#options.logBytesMax ?? LOG_BYTES_MAX)) {
      await this.#checkpoint();
    }
  }

  async #checkpoint(): Promise<void> {
    await this.#options.run("checkpoint");
  }
}
