import type { EntryRecord, LegKey, LegRecord, WalletRecord } from "./records.ts";

/** Legs read at once. */
export const LEGS_PAGE_MAX = 2_000;

/** Which lines of a wallet's statement. */
export interface EntryPage {
  readonly wallet: string;
  /** Entries after this version, from the oldest; or those before, from the newest. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Entries at or after the one, and before the other time. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
}

/** Which legs: those after this one, in the order of their transfers, the debit first. */
export interface LegPage {
  readonly after: LegKey;
  /** The last transfer whose legs are asked for. */
  readonly upTo: bigint;
  /** At most {@link LEGS_PAGE_MAX}. */
  readonly limit: number;
}

/** What an audit has to know of a leg. */
export type LegMark = Pick<LegRecord, "transfer" | "side" | "state" | "postedAmount">;

/** Amounts of one asset on a shard, and what they must be. */
export interface AssetSums {
  readonly asset: string;
  readonly wallets: bigint;
  /** By the shard of the other side. */
  readonly clearing: ReadonlyArray<{ readonly peer: number; readonly balance: bigint }>;
}

export interface ShardSummary {
  readonly batch: bigint;
  readonly wallets: number;
  readonly entries: number;
}

/** What a look at a whole shard found, all of one moment. */
export interface ShardAudit extends ShardSummary {
  readonly shard: number;
  readonly sums: readonly AssetSums[];
  /** What is wrong, in sentences; empty when nothing is. At most a page of them. */
  readonly findings: readonly string[];
}

/** What is read of a shard's ledger: committed, and on any node. */
export interface LedgerReader {
  wallets(ids: readonly string[]): Promise<readonly WalletRecord[]>;
  entries(page: EntryPage): Promise<readonly EntryRecord[]>;
  legs(page: LegPage): Promise<readonly LegMark[]>;
  /** What was posted at the end of this millisecond. */
  balanceAt(wallet: string, atMs: number): Promise<bigint>;
  /** How much there is; quickly. */
  summary(): Promise<ShardSummary>;
  audit(): Promise<ShardAudit>;
}
