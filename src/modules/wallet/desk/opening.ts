import type { Scope } from "../../../core/unit-of-work.ts";
import { shardOf } from "../rules/placement.ts";
import { insertChore } from "../store/chores.ts";
import { insertListing } from "../store/directory.ts";
import { type Desk, NODES_TOPIC } from "./desk.ts";

export interface Opening {
  readonly wallet: string;
  readonly owner: string;
  readonly asset: string;
  readonly name: string;
  /** Of what its shard is to do. */
  readonly choreId: string;
}

/**
 * Takes a number for somebody, and has its shard open the wallet once this is committed.
 *
 * @returns false when the number is somebody's already
 */
export async function openWallet(
  { readers, grant, clock }: Desk,
  { tx, events }: Scope,
  { wallet, owner, asset, name, choreId }: Opening,
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const shard = shardOf(wallet, readers.length);
  const listing = { wallet, owner, asset, shard, name, createdAtMs: nowMs };
  if (!(await insertListing(tx, listing))) return false;
  const given = grant === null ? null : { owner, amount: String(grant) };
  const operation = { verb: "open", wallet, asset, minBalance: "0", grant: given } as const;
  await insertChore(tx, { id: choreId, shard, operation, nowMs });
  events.emit(NODES_TOPIC, "wallet.noticed", { ids: [], chores: [choreId] });
  return true;
}
