import type { QueryResult } from "pg";
import type { Dice } from "./dice.ts";
import type { FaultRates } from "./faults.ts";
import type { NodeLife } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";
import { nameOf, type SqlSession } from "./sql-session.ts";
import type { Trace } from "./trace.ts";

/** What a run wants to know of each writing transaction; asked of the session itself. */
export interface CommitWatch {
  /** A writing transaction begins; what this answers comes back at its COMMIT. */
  readonly began: () => unknown;
  /** Runs in the transaction, right before its COMMIT. */
  readonly look: (session: SqlSession) => Promise<unknown>;
  /** The COMMIT has happened. */
  readonly committed: (seen: unknown, began: unknown) => void;
}

export interface DatabaseServerParts {
  readonly session: SqlSession;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly rates: FaultRates;
  readonly trace: Trace;
}

/** Who has the one session at the moment. */
export interface Lease {
  readonly life: NodeLife;
  readonly onLost: (error: Error) => void;
  /** A transaction was begun, and has not ended. */
  isInTransaction: boolean;
  /** The transaction may write. */
  isWriting: boolean;
  began: unknown;
  isOver: boolean;
}

interface Waiting {
  readonly life: NodeLife;
  readonly grant: () => void;
}

/** The message that the driver ends a statement with when its connection is gone. */
const TERMINATED = "Connection terminated unexpectedly";
/** How a statement fails that met another transaction: SQLSTATEs of PostgreSQL's appendix A. */
const CONFLICTS = ["40001", "40P01"];

/**
 * The database that all nodes share. It has one session, so transactions take turns, in an order
 * that chance decides; each statement travels, runs and is answered at moments of its own, and a
 * node that dies in between leaves behind what a server would find: a transaction without its end,
 * or a COMMIT that is on its way.
 */
export class DatabaseServer {
  readonly #parts: DatabaseServerParts;
  readonly #waiting = new Set<Waiting>();
  #lease: Lease | undefined;
  watch: CommitWatch | undefined;

  constructor(parts: DatabaseServerParts) {
    this.#parts = parts;
  }

  /** Calls `onGranted` when the session is free. @returns how to give the wait up */
  acquire(
    life: NodeLife,
    onGranted: (lease: Lease) => void,
    onLost: (error: Error) => void,
  ): () => void {
    const waiting: Waiting = {
      life,
      grant: () => {
        const lease: Lease = {
          life,
          onLost,
          isInTransaction: false,
          isWriting: false,
          began: undefined,
          isOver: false,
        };
        this.#lease = lease;
        life.onDeath(() => this.abandon(lease));
        onGranted(lease);
      },
    };
    this.#waiting.add(waiting);
    if (this.#lease === undefined) this.#grantNext();
    return () => void this.#waiting.delete(waiting);
  }

  /** Nobody is at the other end any more: the server notices, and rolls back. */
  abandon(lease: Lease): void {
    if (lease.isOver) return;
    const { scheduler, dice } = this.#parts;
    scheduler.after(dice.between(0, 30), "db abandoned", () => this.#end(lease));
  }

  /** The holder has ended its transaction and is done. */
  release(lease: Lease): void {
    if (lease.isOver) return;
    lease.isOver = true;
    this.#lease = undefined;
    this.#grantNext();
  }

  /** Runs a statement, with the faults of this run. */
  execute(
    lease: Lease,
    text: string,
    values: readonly unknown[],
    answered: (result: QueryResult) => void,
    failed: (error: unknown) => void,
  ): void {
    const { scheduler, dice, rates, trace } = this.#parts;
    const { life } = lease;
    if (!life.isAlive) return;
    const label = `${life.name} ${text.length < 80 ? text : nameOf(text)}`;
    const reply = (run: () => void) => {
      const stallMs = dice.chance(rates.statementStalled) ? dice.between(50, 8_000) : 0;
      scheduler.after(dice.between(0.05, 0.8) + stallMs, `${life.name} reply`, () => {
        life.enter(run);
      });
    };
    scheduler.after(dice.between(0.05, 0.8), label, async () => {
      if (lease.isOver) return;
      try {
        const result = await this.#run(lease, text, values);
        // The next one does not wait until the answer has arrived: elsewhere it is another session.
        if (!lease.isInTransaction) this.release(lease);
        trace.add(`${life.name} ← ${result.command} ${result.rowCount} ${textOf(result.rows)}`);
        reply(() => answered(result));
      } catch (error) {
        trace.add(`${life.name} ← ${String(error)}`);
        if (error instanceof ConnectionBroken) {
          await this.#end(lease);
          reply(() => lease.onLost(error));
        } else {
          reply(() => failed(error));
        }
      }
    });
  }

  /** @throws ConnectionBroken, and whatever the database says */
  async #run(lease: Lease, text: string, values: readonly unknown[]): Promise<QueryResult> {
    const { session, dice, rates, trace } = this.#parts;
    if (values.length > 0) trace.add(`${lease.life.name} → ${textOf(values)}`);
    if (text.startsWith("start transaction")) {
      lease.isInTransaction = true;
      lease.isWriting = text.endsWith("read write");
      lease.began = this.watch?.began();
    }
    if (text === "commit" && lease.isWriting) return this.#commit(lease);
    if (text !== "rollback") {
      if (dice.chance(rates.statementLost)) throw new ConnectionBroken(TERMINATED);
      if (dice.chance(rates.statementConflict)) return this.#conflict();
    }
    const result = await session.query(text, values);
    if (text === "rollback" || result.command === "COMMIT") lease.isInTransaction = false;
    return result;
  }

  async #commit(lease: Lease): Promise<QueryResult> {
    const { session, dice, rates } = this.#parts;
    if (dice.chance(rates.commitLost)) throw new ConnectionBroken(TERMINATED);
    if (dice.chance(rates.statementConflict)) return this.#conflict();
    const isLost = dice.chance(rates.commitUnknown);
    // A transaction that has failed can be asked nothing, and its COMMIT will be a ROLLBACK.
    const seen = await this.watch?.look(session).catch(() => undefined);
    const result = await session.query("commit");
    if (result.command === "COMMIT" && seen !== undefined) {
      this.watch?.committed(seen, lease.began);
    }
    lease.isInTransaction = result.command !== "COMMIT";
    if (isLost) throw new ConnectionBroken(TERMINATED);
    return result;
  }

  /** Lets the database itself fail, so that its transaction is in the state that follows. */
  async #conflict(): Promise<never> {
    const { session, dice } = this.#parts;
    const state = dice.pick(CONFLICTS);
    await session.query(
      `do $$ begin raise exception 'conflict' using errcode = '${state}'; end $$`,
    );
    throw new Error("The conflict did not come about.");
  }

  async #end(lease: Lease): Promise<void> {
    if (lease.isOver) return;
    await this.#parts.session.query("rollback");
    this.release(lease);
  }

  #grantNext(): void {
    const { scheduler, dice } = this.#parts;
    scheduler.after(dice.between(0.02, 0.3), "db grant", () => {
      if (this.#lease !== undefined) return;
      for (const waiting of this.#waiting) {
        if (!waiting.life.isAlive) this.#waiting.delete(waiting);
      }
      if (this.#waiting.size === 0) return;
      const next = dice.pick([...this.#waiting]);
      this.#waiting.delete(next);
      next.grant();
    });
  }
}

/** The connection ended while a statement was under way. */
class ConnectionBroken extends Error {
  override readonly name = "ConnectionBroken";
}

/** Rows and parameters as text; a replacer of JSON would be the slowest part of a statement. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return String(value.getTime());
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  return `{${Object.values(value).map(textOf).join()}}`;
}
