import type { Refusal } from "../shard/protocol.ts";

export type Kind = "transfer" | "hold" | "issue" | "reversal";
export type Decision = "commit" | "abort";

/** Why a transfer did not happen: what a shard refused, or how it was given up. */
export type Code = Refusal | "deadline" | "released" | "hold_expired" | "bundle_refused";

/** The five states of the document. The last three never change. */
export const STATUSES = ["PENDING", "PROCESSING", "INVALID", "FAILED", "SUCCESSFUL"] as const;
export type Status = (typeof STATUSES)[number];

/** By which a request that comes again is recognised. */
export interface RepeatKey {
  readonly key: string;
  /** Of the request, hex: the same key with another request is a mistake. */
  readonly hash: string;
}

/** What was asked for. Amounts are in the asset's smallest unit. */
export interface TransferTerms {
  readonly kind: Kind;
  /** The account that asked. */
  readonly owner: string;
  readonly repeat: RepeatKey | null;
  readonly from: string;
  readonly to: string;
  readonly fromShard: number;
  readonly toShard: number;
  readonly asset: string;
  readonly amount: bigint;
  readonly memo: string | null;
  /** The transfer whose effect this one takes back. */
  readonly reverses: bigint | null;
  /** When it is given up unless it is decided. */
  readonly deadlineMs: number;
  readonly initiatedMs: number;
}

/** A transfer as the journal has it. */
export interface TransferRecord extends TransferTerms {
  readonly id: bigint;
  /** The first of the transfers that are decided together; null when it is decided alone. */
  readonly bundle: bigint | null;
  /** Since when the money of a hold is held. */
  readonly heldMs: number | null;
  readonly decision: Decision | null;
  readonly code: Code | null;
  /** What of the amount a hold's capture takes; null for all of it. */
  readonly captured: bigint | null;
  readonly finishedMs: number | null;
}

/** Refusals of the business; everything else that ends a transfer is technical. */
const TECHNICAL: ReadonlySet<Code> = new Set(["deadline", "leg_voided"]);

/**
 * The state that people are shown. A transfer that was given up has no effect from the moment of
 * that decision on; one that goes through is successful only once both sides have it.
 */
export function statusOf(
  transfer: Pick<TransferRecord, "decision" | "code" | "heldMs" | "finishedMs">,
): Status {
  const { decision, code, heldMs, finishedMs } = transfer;
  if (decision === null) return heldMs === null ? "PENDING" : "PROCESSING";
  if (decision === "commit") return finishedMs === null ? "PROCESSING" : "SUCCESSFUL";
  return code !== null && TECHNICAL.has(code) ? "FAILED" : "INVALID";
}

/** How long a transfer may take to be reserved. */
const RESERVING_MS_MAX = 10_000;

/** When it is given up unless it is decided: a hold's own time begins once its money is held. */
export function dueMs({ kind, heldMs, initiatedMs, deadlineMs }: TransferRecord): number {
  const isReserving = kind === "hold" && heldMs === null;
  return isReserving ? Math.min(initiatedMs + RESERVING_MS_MAX, deadlineMs) : deadlineMs;
}

/** Whether both wallets are on one shard, which then carries the transfer out in one commit. */
export function isWithinShard(transfer: TransferRecord): boolean {
  const { kind, bundle, fromShard, toShard } = transfer;
  return fromShard === toShard && bundle === null && kind !== "hold";
}
