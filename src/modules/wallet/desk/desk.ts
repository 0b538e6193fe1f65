import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { amountInvalid, keyMismatch, notReversible, walletNotFound } from "../errors.ts";
import type { ChoreOperation } from "../orchestrator/chore.ts";
import type { Chores } from "../orchestrator/chores.ts";
import type { TransferRecord, TransferTerms } from "../orchestrator/transfer.ts";
import type { Transfers } from "../orchestrator/transfers.ts";
import { AMOUNT_DIGITS_MAX, parseAmount } from "../rules/amounts.ts";
import { BALANCE_MAX } from "../shard/book.ts";
import type { Refusal } from "../shard/protocol.ts";
import type { LedgerReader } from "../shard/reader.ts";
import { insertChore } from "../store/chores.ts";
import type { Following } from "./follow.ts";
import type { Listed, Listings } from "./listings.ts";
import type { Webhook } from "./webhook.ts";

/** Where nodes tell each other that there is something to do. */
export const NODES_TOPIC = "wallet.nodes";

/** What the module's methods work with. */
export interface Desk {
  readonly work: () => UnitOfWork;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly listings: Listings;
  readonly transfers: Transfers;
  readonly chores: Chores;
  readonly following: Following;
  /** Who is told how transfers end; undefined when nobody is. */
  readonly webhook: Webhook | undefined;
  /** One a shard, in their order. */
  readonly readers: readonly LedgerReader[];
  /** What a new wallet is given to try things with, in the smallest unit; none in production. */
  readonly grant: bigint | null;
}

/** The wallet, when it is this person's. @throws WALLET_NOT_FOUND */
export async function getOwned(desk: Desk, wallet: string, accountId: string): Promise<Listed> {
  const listed = await desk.listings.find(wallet);
  if (listed === null || listed.owner !== accountId) throw walletNotFound();
  return listed;
}

/** @throws AMOUNT_INVALID */
export function readAmount(text: string, scale: number): bigint {
  const amount = parseAmount(text, scale);
  if (amount === undefined) throw amountInvalid({ scale, digitsMax: AMOUNT_DIGITS_MAX });
  return amount;
}

/** What a wallet has on its shard, as far as the shard has it yet. */
export async function readWallet({ readers }: Desk, { wallet, shard }: Listed) {
  const [record] = (await readers[shard]?.wallets([wallet])) ?? [];
  return record;
}

/**
 * Orders one transfer, or several that are decided together.
 *
 * @throws KEY_MISMATCH, NOT_REVERSIBLE, UNAVAILABLE
 */
export async function order(
  { transfers }: Desk,
  terms: readonly TransferTerms[],
): Promise<readonly TransferRecord[]> {
  const acceptance = await transfers.order({ transfers: terms });
  if (acceptance.outcome === "mismatch") throw keyMismatch();
  if (acceptance.outcome === "reversed") throw notReversible();
  return acceptance.transfers;
}

/**
 * Has a shard do something beside transfers, and waits for it.
 *
 * @returns why it was not done, or null
 * @throws UNAVAILABLE
 */
export async function haveDone(
  desk: Desk,
  shard: number,
  operation: ChoreOperation,
): Promise<Refusal | null> {
  const { work, ids, clock, chores } = desk;
  const id = ids.uuid();
  const chore = { id, shard, operation, nowMs: clock.nowMs() };
  await work().write(({ tx }) => insertChore(tx, chore));
  chores.kick(id);
  return chores.answered(id);
}

/** Where money of an asset comes into being on a shard: a wallet that may go below zero. */
export function issuerOf(asset: string, shard: number): string {
  return `issue:${asset}:${shard}`;
}

export function openIssuer(asset: string, shard: number): ChoreOperation & { verb: "open" } {
  const wallet = issuerOf(asset, shard);
  return { verb: "open", wallet, asset, minBalance: String(1n - BALANCE_MAX), grant: null };
}
