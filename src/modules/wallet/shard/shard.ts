import { createHash } from "node:crypto";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { Book } from "./book.ts";
import { Changes } from "./changes.ts";
import {
  type Operation,
  type Outcome,
  type ShardLink,
  ShardOutdated,
  type ShardPosition,
  ShardRefused,
  type ShardReply,
  ShardUnavailable,
} from "./protocol.ts";
import type { EntryRecord, ShardStore } from "./records.ts";

/** Operations in one commit; a request that has more by itself is one commit all the same. */
const BATCH_OPERATIONS_MAX = 512;
/** Operations that wait for a commit; more are turned away. */
const WAITING_OPERATIONS_MAX = 16_384;

/** The store has gone on without this shard's knowing. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

export interface ShardParts {
  readonly store: ShardStore;
  readonly clock: Clock;
  readonly log: Log;
}

interface Request {
  readonly epoch: bigint;
  readonly operations: readonly Operation[];
  readonly resolve: (reply: ShardReply) => void;
  readonly reject: (cause: Error) => void;
}

/** What is known of the shard while an epoch lasts. */
interface Reign {
  readonly epoch: bigint;
  readonly book: Book;
  position: ShardPosition;
  atMs: number;
  /** Whether the memory is what the store has: not while it is changed, nor after that failed. */
  isSound: boolean;
}

/**
 * A shard of the ledger: one writer over one store. While a commit is under way, requests gather;
 * the next one takes as many of them as fit, so that the more there is to do, the less each costs.
 * No timer waits for more to come.
 *
 * The wallets in use are in memory and operations are decided there (`book.ts`); what they change
 * is written and committed, and only then is anything answered. When a commit fails, or nobody
 * knows whether it did, the memory is thrown away and the same requests are decided again over what
 * the store then has: the keys of their legs make that harmless. Should they fail again, they are
 * tried in halves, so that one that cannot be written takes no other with it.
 */
export class Shard implements ShardLink {
  readonly #parts: ShardParts;
  #reign: Reign | undefined;
  #waiting: Request[] = [];
  #waitingOperations = 0;
  #running = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ShardParts) {
    this.#parts = parts;
  }

  async take(epoch: bigint, known: ShardPosition | undefined): Promise<ShardPosition> {
    if (this.#reign !== undefined && this.#reign.epoch > epoch) throw leftBehind();
    // Not while something is committed, which would then be missing in what was read.
    return this.#alone(async () => {
      const reign = await this.#begin(epoch);
      if (known !== undefined) await this.#proveContinuity(reign.position, known);
      this.#reign = reign;
      this.#dismissOthers(epoch);
      return reign.position;
    });
  }

  send(epoch: bigint, operations: readonly Operation[]): Promise<ShardReply> {
    const reign = this.#reign;
    // A later epoch may have taken the shard by way of a process whose place this one has.
    if (reign === undefined || reign.epoch < epoch) {
      return Promise.reject(new ShardUnavailable("Nobody has taken it."));
    }
    if (reign.epoch > epoch) return Promise.reject(leftBehind());
    if (this.#waitingOperations + operations.length > WAITING_OPERATIONS_MAX) {
      return Promise.reject(new ShardUnavailable("Too many operations wait already."));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ epoch, operations, resolve, reject });
      this.#waitingOperations += operations.length;
      if (!this.#running) void this.#run();
    });
  }

  /** What waits was asked for by whom another one has followed. */
  #dismissOthers(epoch: bigint): void {
    const others = this.#waiting.filter((request) => request.epoch !== epoch);
    this.#waiting = this.#waiting.filter((request) => request.epoch === epoch);
    this.#waitingOperations -= others.reduce((sum, { operations }) => sum + operations.length, 0);
    this.#refuseAll(others, leftBehind());
  }

  /** Reads what the store has, and makes its epoch this one. */
  async #begin(epoch: bigint): Promise<Reign> {
    const start = await this.#asking(() => this.#parts.store.begin(epoch));
    if (start === "fenced") throw leftBehind();
    const { position, atMs } = start;
    return { epoch, book: new Book(start), position, atMs, isSound: true };
  }

  /** A store that was put back to an earlier state has lost what was acknowledged. */
  async #proveContinuity(position: ShardPosition, known: ShardPosition): Promise<void> {
    const head =
      position.batch < known.batch
        ? undefined
        : await this.#asking(() => this.#parts.store.headAt(known.batch));
    if (head === known.head) return;
    throw new ShardOutdated(
      `The shard has batch ${position.batch}, and what it has is not what it acknowledged up to ` +
        `batch ${known.batch}: its database is an older one.`,
    );
  }

  async #run(): Promise<void> {
    this.#running = true;
    // What arrives in this turn of the event loop comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#alone(() => this.#commit(this.#takeBatch()));
    }
    this.#running = false;
  }

  /** One after the other. */
  #alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #takeBatch(): Request[] {
    let [count, operations] = [0, 0];
    for (const request of this.#waiting) {
      if (count > 0 && operations + request.operations.length > BATCH_OPERATIONS_MAX) break;
      count += 1;
      operations += request.operations.length;
    }
    this.#waitingOperations -= operations;
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: readonly Request[]): Promise<void> {
    const operations = batch.flatMap((request) => request.operations);
    try {
      this.#answer(batch, await this.#decide(operations));
    } catch (cause) {
      if (cause instanceof ShardRefused) this.#refuseAll(batch, cause);
      else await this.#recover(batch, operations, cause);
    }
  }

  /** Decides and writes. */
  async #decide(operations: readonly Operation[]): Promise<readonly Outcome[]> {
    const { store, clock } = this.#parts;
    const reign = await this.#soundReign();
    const { book } = reign;
    reign.isSound = false;
    const asked = book.missing(operations);
    if (asked.wallets.length > 0 || asked.legs.length > 0) {
      const legs = asked.legs.length === 0 ? [] : await store.legs(asked.legs);
      const further = legs.flatMap(({ wallet }) => wallet ?? []);
      const ids = [...new Set([...asked.wallets, ...further])];
      book.learn({ wallets: ids }, ids.length === 0 ? [] : await store.wallets(ids), legs);
    }
    const atMs = Math.max(reign.atMs, clock.nowMs());
    const outcomes = operations.map((operation) => book.apply(operation, atMs));
    const changes = book.takeChanges() ?? (outcomes.some(isRead) ? new Changes().all() : undefined);
    if (changes !== undefined) {
      const { epoch, position: before } = reign;
      const position = { batch: before.batch + 1n, head: headAfter(before.head, changes.entries) };
      const after = before.batch;
      const all = { ...changes, epoch, after, position, atMs, reservedFrom: book.reservedFrom() };
      // Of a later epoch, as reading it again will tell, or one of its own that had been given up.
      if ((await store.commit(all)) === "fenced") throw new Overtaken("Another commit was first.");
      reign.position = position;
      reign.atMs = atMs;
      book.trim();
    }
    reign.isSound = true;
    return outcomes;
  }

  #answer(batch: readonly Request[], outcomes: readonly (Outcome | null)[]): void {
    const position = this.#reign?.position;
    if (position === undefined) throw new Error("A shard that was taken stays so.");
    let at = 0;
    for (const { operations, resolve } of batch) {
      resolve({ outcomes: outcomes.slice(at, at + operations.length), position });
      at += operations.length;
    }
  }

  /** Something failed, and the memory may be ahead of the store or behind it. */
  async #recover(
    batch: readonly Request[],
    operations: readonly Operation[],
    cause: unknown,
  ): Promise<void> {
    this.#parts.log.warn({ err: cause, requests: batch.length }, "a batch is decided again");
    try {
      this.#answer(batch, await this.#decideHalves(operations));
    } catch (again) {
      if (again instanceof ShardRefused) this.#refuseAll(batch, again);
      else this.#giveUp(batch, again);
    }
  }

  /** @returns null for an operation that cannot be written, not even by itself */
  async #decideHalves(operations: readonly Operation[]): Promise<readonly (Outcome | null)[]> {
    try {
      return await this.#decide(operations);
    } catch (cause) {
      if (cause instanceof ShardRefused || cause instanceof ShardUnavailable) throw cause;
      const [only] = operations;
      if (operations.length === 1 && only !== undefined) {
        this.#parts.log.error({ err: cause, verb: only.verb }, "an operation cannot be written");
        return [null];
      }
      const half = Math.ceil(operations.length / 2);
      const first = await this.#decideHalves(operations.slice(0, half));
      return [...first, ...(await this.#decideHalves(operations.slice(half)))];
    }
  }

  /** The memory to decide with, read again from the store when it cannot be relied on. */
  async #soundReign(): Promise<Reign> {
    const reign = this.#reign;
    if (reign === undefined) throw new ShardUnavailable("Nobody has taken it.");
    if (reign.isSound) return reign;
    const again = await this.#begin(reign.epoch);
    // Somebody may have taken the shard meanwhile, and the store then refuses this epoch.
    if (this.#reign === reign) this.#reign = again;
    return again;
  }

  #refuseAll(batch: readonly Request[], cause: ShardRefused): void {
    for (const { reject } of batch) reject(cause);
  }

  #giveUp(batch: readonly Request[], cause: unknown): void {
    this.#parts.log.error({ err: cause, requests: batch.length }, "a batch could not be written");
    for (const { reject } of batch) reject(new ShardUnavailable("It failed.", { cause }));
  }

  /** What the store cannot do at the moment, the shard cannot either. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      throw new ShardUnavailable("The shard's database does not answer.", { cause });
    }
  }
}

/**
 * Whether it says what is or is not there, and not what happened. Another epoch, or another
 * process, may have gone on meanwhile: the memory can be relied on when a commit goes through, even
 * of nothing.
 */
function isRead(outcome: Outcome): boolean {
  return !outcome.ok || outcome.wallet !== undefined;
}

/**
 * The chain: the hash of a batch is that of the batch before and of its entries in order, so an
 * entry that is changed, left out or added later does not fit any more.
 */
export function headAfter(head: string, entries: readonly EntryRecord[]): string {
  if (entries.length === 0) return head;
  const hash = createHash("sha256").update(head);
  for (const { wallet, version, transfer, amount, balanceAfter, atMs } of entries) {
    hash.update(`\n${wallet} ${version} ${transfer} ${amount} ${balanceAfter} ${atMs}`);
  }
  return hash.digest("hex");
}

function leftBehind(): ShardRefused {
  return new ShardRefused("The shard serves a later epoch.");
}
