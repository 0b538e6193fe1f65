import type { ShardPosition } from "../shard/protocol.ts";
import type { Code, Decision, TransferRecord, TransferTerms } from "./transfer.ts";

/** What a journal commit of the leading orchestrator records. */
export interface JournalEntry {
  readonly id: bigint;
  /** The money of a hold is held. */
  readonly heldMs?: number;
  readonly decision?: Decision;
  readonly code?: Code | null;
  readonly finishedMs?: number;
}

export interface JournalCommit {
  readonly epoch: bigint;
  /** One a transfer. */
  readonly entries: readonly JournalEntry[];
  /** Where shards stand, as far as that is new. */
  readonly positions: ReadonlyMap<number, ShardPosition>;
}

/** What became of an accepted request. */
export type Acceptance =
  | { readonly outcome: "accepted" | "repeated"; readonly transfers: readonly TransferRecord[] }
  /** The key was used for another request. */
  | { readonly outcome: "mismatch" }
  /** What it would take back has been taken back before. */
  | { readonly outcome: "reversed" };

/** Transfers that are asked for at once; of several, all happen or none. */
export interface Order {
  readonly transfers: readonly TransferTerms[];
}

export interface Lead {
  readonly epoch: bigint;
  readonly positions: ReadonlyMap<number, ShardPosition>;
}

/** Ids above the first, up to and with the other. A bundle counts by the id of its first. */
export interface IdRange {
  readonly after: bigint;
  readonly upTo?: bigint | undefined;
}

/** Where the orchestrator's state outlives the process. */
export interface JournalStore {
  /**
   * Makes this node the leader when there is none any more.
   *
   * @returns null while another one leads
   */
  lead(node: string, leaseMs: number): Promise<Lead | null>;
  /** @returns whether it still leads */
  renew(epoch: bigint, leaseMs: number): Promise<boolean>;
  /** Lets others lead at once. */
  resign(epoch: bigint): Promise<void>;
  /** Records requests, each once. On any node. */
  accept(orders: readonly Order[]): Promise<readonly Acceptance[]>;
  /**
   * Records how transfers go on. A decision that is there already stays, and what is decided is not
   * held any more.
   *
   * @returns `fenced` when another one leads; else the transfers that somebody else has decided
   * meanwhile, as they are
   */
  record(commit: JournalCommit): Promise<"fenced" | readonly TransferRecord[]>;
  find(ids: readonly bigint[]): Promise<readonly TransferRecord[]>;
  /**
   * Those that have not ended, in the order of their ids. Holds whose money is held are not among
   * them: they may wait for their owners for days.
   */
  unfinished(range: IdRange, countMax: number): Promise<readonly TransferRecord[]>;
  /**
   * Holds that wait no longer, because their owners have decided or their time is over, in the
   * order of their ids.
   */
  dueHolds(after: bigint, countMax: number): Promise<readonly TransferRecord[]>;
  /** The id of the newest transfer; 0 when there is none. */
  newest(): Promise<bigint>;
  /** No older transfer is unfinished: {@link unfinished} does not look there any more. */
  forgetBelow(epoch: bigint, id: bigint): Promise<void>;
}
