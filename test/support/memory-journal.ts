import type {
  Acceptance,
  IdRange,
  JournalCommit,
  JournalEntry,
  JournalStore,
  Lead,
  Order,
} from "../../src/modules/wallet/orchestrator/journal.ts";
import type {
  Decision,
  TransferRecord,
  TransferTerms,
} from "../../src/modules/wallet/orchestrator/transfer.ts";
import type { ShardPosition } from "../../src/modules/wallet/shard/protocol.ts";

/** What the owner of a hold has decided about it. */
export interface Verdict {
  readonly decision: Decision;
  readonly captured: bigint | null;
}

/**
 * The journal in memory: what `store/journal.ts` does with SQL. Every call is one transaction, and
 * happens at once. Of clocks it knows what it is told with each call, as the tables do.
 */
export class MemoryJournal {
  readonly #transfers = new Map<bigint, TransferRecord>();
  readonly #keys = new Map<string, bigint>();
  /** By the transfer whose effect is taken back, the one that does it. */
  readonly #reversals = new Map<bigint, bigint>();
  readonly #positions = new Map<number, ShardPosition>();
  #lastId = 0n;
  #epoch = 0n;
  #leader: string | undefined;
  #leaseUntilMs = 0;
  #unfinishedFrom = 0n;

  /** All there are, in the order of their ids. Whoever looks must not change them. */
  get transfers(): ReadonlyMap<bigint, TransferRecord> {
    return this.#transfers;
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  lead(node: string, leaseMs: number, nowMs: number): Lead | null {
    const leftMs = this.#leaseUntilMs - nowMs;
    // A lease that ends later than one can was given by a clock that was set back since.
    if (leftMs > 0 && leftMs <= 2 * leaseMs && this.#leader !== node) return null;
    this.#epoch += 1n;
    this.#leader = node;
    this.#leaseUntilMs = nowMs + leaseMs;
    return { epoch: this.#epoch, positions: new Map(this.#positions) };
  }

  renew(epoch: bigint, leaseMs: number, nowMs: number): boolean {
    if (epoch !== this.#epoch) return false;
    this.#leaseUntilMs = nowMs + leaseMs;
    return true;
  }

  resign(epoch: bigint): void {
    if (epoch === this.#epoch) this.#leaseUntilMs = 0;
  }

  /** Ids are drawn before the transaction that uses them, as from a sequence. */
  drawIds(orders: readonly Order[]): bigint[] {
    const count = orders.reduce((sum, { transfers }) => sum + transfers.length, 0);
    return Array.from({ length: count }, () => this.drawId());
  }

  drawId(): bigint {
    this.#lastId += 1n;
    return this.#lastId;
  }

  accept(orders: readonly Order[], ids: readonly bigint[]): Acceptance[] {
    let at = 0;
    return orders.map(({ transfers }) => {
      const own = ids.slice(at, at + transfers.length);
      at += transfers.length;
      return this.#acceptOne(transfers, own);
    });
  }

  record({ epoch, entries, positions }: JournalCommit): "fenced" | readonly TransferRecord[] {
    if (epoch !== this.#epoch) return "fenced";
    // An UPDATE that finds two new rows for an old one takes either.
    if (new Set(entries.map(({ id }) => id)).size < entries.length) {
      throw new Error("A transfer is in one commit twice.");
    }
    const others = entries.flatMap((entry) => this.#recordOne(entry) ?? []);
    for (const [shard, position] of positions) {
      const known = this.#positions.get(shard);
      if (known === undefined || known.batch < position.batch) this.#positions.set(shard, position);
    }
    return others.sort(byId);
  }

  /** @returns the transfer when this was what decided it */
  decideHold(id: bigint, { decision, captured }: Verdict, nowMs: number): TransferRecord | null {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined || transfer.kind !== "hold") return null;
    if (transfer.heldMs === null || transfer.decision !== null) return null;
    if (transfer.deadlineMs <= nowMs) return null;
    const code = decision === "abort" ? "released" : null;
    const decided: TransferRecord = { ...transfer, decision, captured, code };
    this.put(decided);
    return decided;
  }

  find(ids: readonly bigint[]): TransferRecord[] {
    return ids.flatMap((id) => this.#transfers.get(id) ?? []).sort(byId);
  }

  unfinished({ after, upTo }: IdRange, countMax: number): TransferRecord[] {
    return [...this.#transfers.values()]
      .filter(({ id, finishedMs, heldMs }) => id > after && finishedMs === null && heldMs === null)
      .filter(({ id }) => id >= this.#unfinishedFrom)
      .filter(({ id, bundle }) => upTo === undefined || (bundle ?? id) <= upTo)
      .sort(byId)
      .slice(0, countMax);
  }

  dueHolds(after: bigint, countMax: number, nowMs: number): TransferRecord[] {
    return [...this.#transfers.values()]
      .filter(({ id, finishedMs, heldMs }) => id > after && finishedMs === null && heldMs !== null)
      .filter(({ decision, deadlineMs }) => decision !== null || deadlineMs <= nowMs)
      .sort(byId)
      .slice(0, countMax);
  }

  newest(): bigint {
    return [...this.#transfers.keys()].reduce((newest, id) => (id > newest ? id : newest), 0n);
  }

  forgetBelow(epoch: bigint, id: bigint): void {
    if (epoch === this.#epoch && id > this.#unfinishedFrom) this.#unfinishedFrom = id;
  }

  /** Every change of a transfer comes through here. */
  protected put(transfer: TransferRecord): void {
    this.#transfers.set(transfer.id, transfer);
  }

  #acceptOne(terms: readonly TransferTerms[], ids: readonly bigint[]): Acceptance {
    const [first] = terms;
    const [firstId] = ids;
    if (first === undefined || firstId === undefined)
      throw new Error("An order asks for something.");
    const key = first.repeat === null ? undefined : `${first.owner} ${first.repeat.key}`;
    const earlierId = key === undefined ? undefined : this.#keys.get(key);
    const earlier = this.#transfers.get(firstId) ?? this.#transfers.get(earlierId ?? 0n);
    if (earlier !== undefined) {
      if (earlier.repeat?.hash !== first.repeat?.hash) return { outcome: "mismatch" };
      const outcome = earlier.id === firstId ? "accepted" : "repeated";
      return { outcome, transfers: this.#together(earlier) };
    }
    if (first.reverses !== null) {
      const known = this.#transfers.get(this.#reversals.get(first.reverses) ?? 0n);
      if (known !== undefined && known.decision !== "abort") return { outcome: "reversed" };
      this.#reversals.set(first.reverses, firstId);
    }
    if (key !== undefined) this.#keys.set(key, firstId);
    const bundle = terms.length > 1 ? firstId : null;
    const transfers = terms.map((one, at): TransferRecord => {
      const id = ids[at];
      if (id === undefined) throw new Error("Every transfer has an id.");
      const fresh = { heldMs: null, decision: null, code: null, captured: null, finishedMs: null };
      return { ...one, id, bundle, ...fresh };
    });
    for (const transfer of transfers) this.put(transfer);
    return { outcome: "accepted", transfers };
  }

  #together({ id, bundle }: TransferRecord): TransferRecord[] {
    return [...this.#transfers.values()].filter(
      (transfer) => transfer.id === id || (bundle !== null && transfer.bundle === bundle),
    );
  }

  /** @returns the transfer as it is when somebody else has decided otherwise */
  #recordOne({ id, heldMs, decision, code, finishedMs }: JournalEntry): TransferRecord | undefined {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return undefined;
    if (finishedMs !== undefined && (decision ?? transfer.decision) === null) {
      throw new Error(`Transfer ${id} would end undecided.`);
    }
    const goesOn = decision !== undefined || heldMs !== undefined;
    if (goesOn && transfer.decision !== null && transfer.decision !== decision) return transfer;
    this.put({
      ...transfer,
      heldMs: transfer.heldMs ?? heldMs ?? null,
      decision: transfer.decision ?? decision ?? null,
      code: transfer.decision === null ? (code ?? null) : transfer.code,
      finishedMs: transfer.finishedMs ?? finishedMs ?? null,
    });
    return undefined;
  }
}

function byId(one: TransferRecord, other: TransferRecord): number {
  return one.id < other.id ? -1 : 1;
}

/** The journal as the engine asks for it. */
export function createMemoryJournalStore(
  journal: MemoryJournal,
  nowMs: () => number,
): JournalStore {
  return {
    lead: async (node, leaseMs) => journal.lead(node, leaseMs, nowMs()),
    renew: async (epoch, leaseMs) => journal.renew(epoch, leaseMs, nowMs()),
    resign: async (epoch) => journal.resign(epoch),
    accept: async (orders) => journal.accept(orders, journal.drawIds(orders)),
    record: async (commit) => journal.record(commit),
    find: async (ids) => journal.find(ids),
    unfinished: async (range, countMax) => journal.unfinished(range, countMax),
    dueHolds: async (after, countMax) => journal.dueHolds(after, countMax, nowMs()),
    newest: async () => journal.newest(),
    forgetBelow: async (epoch, id) => journal.forgetBelow(epoch, id),
  };
}
