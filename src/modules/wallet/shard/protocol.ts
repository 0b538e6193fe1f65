/**
 * What an orchestrator asks of a shard, and what it is told. Every operation can be sent again: the
 * leg's key, transfer and side, decides, and the answer is the one it was the first time.
 */

export type Side = "debit" | "credit";
export type WalletState = "open" | "frozen" | "closed";

/** Makes a wallet; one that is there already is left as it is. */
export interface Open {
  readonly verb: "open";
  readonly wallet: string;
  readonly asset: string;
  /** How far below zero its posted balance less what is held may go: zero or less. */
  readonly minBalance: bigint;
}

/**
 * Changes what a wallet may do, once: one that comes late, behind another one, changes nothing
 * back. What is left out stays.
 */
export interface Configure {
  readonly verb: "configure";
  /** By which it is known when it comes again. It is that of no transfer. */
  readonly number: bigint;
  readonly wallet: string;
  readonly state?: WalletState;
  readonly minBalance?: bigint;
}

/** Holds the amount on the paying side; on the other, makes sure that it can be taken. */
export interface Reserve {
  readonly verb: "reserve";
  readonly transfer: bigint;
  readonly side: Side;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: bigint;
  /** The shard of the other side: which clearing account stands in for it. */
  readonly peer: number;
}

/** Makes a reserved leg final. No rule of business can refuse it. */
export interface Post {
  readonly verb: "post";
  readonly transfer: bigint;
  readonly side: Side;
  /** What is posted of the reserved amount; the rest is released. All of it when absent. */
  readonly amount?: bigint;
}

/**
 * Ends a leg without effect. Where there is none, it leaves a mark by which a late one is refused.
 */
export interface Void {
  readonly verb: "void";
  readonly transfer: bigint;
  readonly side: Side;
}

/** Both sides of a transfer between wallets of this shard, held and posted at once. */
export interface Move {
  readonly verb: "move";
  readonly transfer: bigint;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly amount: bigint;
}

/** Reads a wallet, in its place among the writes. */
export interface Look {
  readonly verb: "look";
  readonly wallet: string;
}

export type Operation = Open | Configure | Reserve | Post | Void | Move | Look;

/** Why an operation had no effect. */
export const REFUSALS = [
  /** There is no such wallet. */
  "wallet_unknown",
  "wallet_frozen",
  "wallet_closed",
  /** The wallet keeps another asset. */
  "asset_differs",
  "funds_short",
  /** What would be there would have more digits than a balance can have. */
  "balance_full",
  /** The leg was voided before: the transfer has been given up. */
  "leg_voided",
  /** The leg was posted before: the transfer has happened. */
  "leg_posted",
  /** The leg was refused when it was reserved. */
  "leg_refused",
  /** There is no such leg. */
  "leg_unknown",
  /** The key is that of a leg with other terms. */
  "leg_differs",
  /** Money is in it or on its way: a wallet is closed when it is empty. */
  "wallet_used",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A wallet as its shard has it. Amounts are in the asset's smallest unit. */
export interface WalletView {
  readonly wallet: string;
  readonly asset: string;
  readonly state: WalletState;
  readonly posted: bigint;
  /** Held for transfers that are on their way out. */
  readonly held: bigint;
  readonly minBalance: bigint;
  /** How many entries it has. */
  readonly version: number;
}

export type Outcome =
  | { readonly ok: true; readonly wallet?: WalletView }
  | { readonly ok: false; readonly refusal: Refusal };

/** Where a shard stands: what it has done so far, and the proof that it was this. */
export interface ShardPosition {
  readonly batch: bigint;
  /** Hash of all entries up to this batch, hex. */
  readonly head: string;
}

/** How an orchestrator reaches a shard, in the process or over the network. */
export interface ShardLink {
  /**
   * Takes the shard over: from here on it serves this epoch and refuses those below.
   *
   * @param known where the shard stood when its orchestrator last heard of it
   * @throws ShardRefused when the shard serves a higher epoch
   * @throws ShardOutdated when it has lost what it had acknowledged
   * @throws ShardUnavailable
   */
  take(epoch: bigint, known: ShardPosition | undefined): Promise<ShardPosition>;
  /**
   * Operations that are carried out in this order, in one commit. The answers come after it.
   *
   * @throws ShardRefused by whom this epoch was left behind
   * @throws ShardUnavailable when it is not known whether they were carried out
   */
  send(epoch: bigint, operations: readonly Operation[]): Promise<ShardReply>;
}

export interface ShardReply {
  /**
   * One an operation, in their order. Null is none: it could not be written, while others could,
   * and may be sent again.
   */
  readonly outcomes: readonly (Outcome | null)[];
  readonly position: ShardPosition;
}

/** The shard serves another orchestrator. */
export class ShardRefused extends Error {
  override readonly name = "ShardRefused";
}

/** The shard's database is an older one, or another: nothing is to be done with it as it is. */
export class ShardOutdated extends Error {
  override readonly name = "ShardOutdated";
}

/** No answer: what was sent may have been carried out or not, and can be sent again. */
export class ShardUnavailable extends Error {
  override readonly name = "ShardUnavailable";
}
