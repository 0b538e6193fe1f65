import type { Refusal, ShardPosition, Side, WalletState } from "./protocol.ts";

/**
 * What a shard keeps: wallets, legs, entries and clearing accounts, as the engine hands them to its
 * store and gets them back. Amounts are in the asset's smallest unit.
 */

export interface WalletRecord {
  readonly wallet: string;
  readonly asset: string;
  readonly state: WalletState;
  readonly posted: bigint;
  readonly held: bigint;
  readonly minBalance: bigint;
  /** How many entries it has: the number of its last one. */
  readonly version: number;
}

export const LEG_STATES = ["reserved", "posted", "voided", "refused"] as const;
export type LegState = (typeof LEG_STATES)[number];

export interface LegKey {
  readonly transfer: bigint;
  readonly side: Side;
}

/**
 * One side of a transfer. A mark that stands for nothing but "voided" has neither wallet nor
 * amount.
 */
export interface LegRecord extends LegKey {
  readonly state: LegState;
  readonly wallet: string | null;
  readonly asset: string | null;
  /** What was asked for. */
  readonly amount: bigint;
  /** What of it was posted; null unless it was. */
  readonly postedAmount: bigint | null;
  /** The shard of the other side. */
  readonly peer: number | null;
  readonly refusal: Refusal | null;
}

/** A line of a wallet's statement. It is never changed. */
export interface EntryRecord {
  readonly wallet: string;
  /** 1 for the first entry of a wallet, then one more each. */
  readonly version: number;
  readonly transfer: bigint;
  /** With its sign: what came in is above zero. */
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  /** Never before the entry before it, whatever the clock does. */
  readonly atMs: number;
}

/** What other shards owe this one (above zero: have got from it) in an asset. */
export interface ClearingRecord {
  readonly peer: number;
  readonly asset: string;
  readonly balance: bigint;
}

/** One commit of a shard. */
export interface ShardChanges {
  readonly epoch: bigint;
  /** The batch this one follows. */
  readonly after: bigint;
  readonly position: ShardPosition;
  readonly atMs: number;
  /** No leg of an older transfer is reserved. */
  readonly reservedFrom: bigint;
  readonly newWallets: readonly WalletRecord[];
  /** With the version each had before. */
  readonly changedWallets: ReadonlyArray<WalletRecord & { readonly versionBefore: number }>;
  readonly newLegs: readonly LegRecord[];
  readonly changedLegs: readonly LegRecord[];
  readonly entries: readonly EntryRecord[];
  readonly clearing: readonly ClearingRecord[];
}

/** What an engine begins with. */
export interface ShardStart {
  readonly position: ShardPosition;
  /** The time of the last entry. */
  readonly atMs: number;
  /** Legs above it were never written. */
  readonly transferMax: bigint;
  readonly reserved: readonly LegRecord[];
  readonly clearing: readonly ClearingRecord[];
}

/** Where a shard's state outlives the process. */
export interface ShardStore {
  /**
   * Takes over: later commits of lower epochs fail.
   *
   * @returns what there is, or `fenced` when a higher epoch has been served
   */
  begin(epoch: bigint): Promise<ShardStart | "fenced">;
  /** The hash of all entries up to this batch. */
  headAt(batch: bigint): Promise<string>;
  wallets(ids: readonly string[]): Promise<readonly WalletRecord[]>;
  legs(keys: readonly LegKey[]): Promise<readonly LegRecord[]>;
  /**
   * All of it or nothing.
   *
   * @returns `fenced` when another epoch or another batch came first
   * @throws what the database throws; whether it was committed may then be unknown
   */
  commit(changes: ShardChanges): Promise<"committed" | "fenced">;
}
