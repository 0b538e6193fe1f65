import { createHash } from "node:crypto";
import type { Kind, RepeatKey, TransferTerms } from "../orchestrator/transfer.ts";
import { shardOf } from "../rules/placement.ts";

/** How long a transfer may take until it is decided. */
export const TRANSFER_MS_MAX = 10_000;

/** Names of requests that are kept as they are; an index takes no longer ones. */
const KEY_CHARS_MAX = 300;

export interface Asked {
  readonly kind?: Kind;
  readonly owner: string;
  /** The client's own name for the request. */
  readonly key: string | undefined;
  readonly from: string;
  readonly fromShard: number;
  readonly to: string;
  /** Where `to` lives, for those without a number: by its number when absent. */
  readonly toShard?: number;
  readonly asset: string;
  readonly amount: bigint;
  readonly memo?: string | undefined;
  readonly reverses?: bigint;
  readonly lastsMs?: number;
}

/** What somebody asked for, as the journal keeps it. */
export function termsOf(asked: Asked, shards: number, nowMs: number): TransferTerms {
  const { kind = "transfer", owner, key, from, fromShard, to, asset, amount } = asked;
  const { memo = null, reverses = null, lastsMs = TRANSFER_MS_MAX } = asked;
  const { toShard = shardOf(to, shards) } = asked;
  const request = [kind, from, to, asset, String(amount), memo, String(reverses), lastsMs];
  return {
    kind,
    owner,
    repeat: repeatOf(key, request),
    from,
    to,
    fromShard,
    toShard,
    asset,
    amount,
    memo,
    reverses,
    deadlineMs: nowMs + lastsMs,
    initiatedMs: nowMs,
  };
}

/**
 * Several that are asked for at once under one key. The first carries it, and what was asked for
 * with it; those that are not decided together with the first have keys made of it.
 */
export function underOneKey(
  terms: readonly TransferTerms[],
  key: string | undefined,
  { together }: { readonly together: boolean },
): TransferTerms[] {
  const request = terms.map(({ from, to, asset, amount, memo }) => [
    from,
    to,
    asset,
    String(amount),
    memo,
  ]);
  const repeat = repeatOf(key, [together, request]);
  return terms.map((one, at) => {
    if (at === 0) return { ...one, repeat };
    // No client's own key has a space.
    const own = repeat === null || together ? null : { ...repeat, key: `${repeat.key} ${at}` };
    return { ...one, repeat: own };
  });
}

/** A frame of a socket is named by all that it holds, which may be long. */
function repeatOf(key: string | undefined, request: unknown): RepeatKey | null {
  if (key === undefined) return null;
  return { key: key.length > KEY_CHARS_MAX ? hashOf(key) : key, hash: hashOf(request) };
}

function hashOf(request: unknown): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("base64url");
}
