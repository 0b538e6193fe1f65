import { sameWallet } from "../errors.ts";
import type { Kind, TransferTerms } from "../orchestrator/transfer.ts";
import { type Desk, getOwned, readAmount } from "./desk.ts";
import { termsOf } from "./terms.ts";

/** What somebody wants to pay, as calls have it. */
export interface Payment {
  readonly fromId: string;
  readonly toId: string;
  /** A decimal. */
  readonly amount: string;
  readonly memo?: string | undefined;
}

export interface PaymentTerms {
  readonly owner: string;
  /** The client's own name for the request. */
  readonly key: string | undefined;
  readonly kind?: Kind;
  readonly lastsMs?: number;
}

/**
 * A payment out of a wallet of the one who asks.
 *
 * @throws SAME_WALLET, WALLET_NOT_FOUND, AMOUNT_INVALID
 */
export async function payingTerms(
  desk: Desk,
  { fromId: from, toId: to, amount, memo }: Payment,
  terms: PaymentTerms,
): Promise<TransferTerms> {
  if (from === to) throw sameWallet();
  const { asset, scale, shard: fromShard } = await getOwned(desk, from, terms.owner);
  const asked = { ...terms, from, fromShard, to, asset, memo, amount: readAmount(amount, scale) };
  return termsOf(asked, desk.readers.length, desk.clock.nowMs());
}
