import { defineMethod } from "../../../core/method.ts";
import { type Desk, NODES_TOPIC } from "../desk/desk.ts";
import { assetNotFound, walletsFull, walletTaken } from "../errors.ts";
import { shardOf } from "../rules/placement.ts";
import { insertChore } from "../store/chores.ts";
import { findListing, insertListing, listOwned } from "../store/directory.ts";
import { WALLETS_MAX, walletWire } from "../types.ts";

export const create = (desk: Desk) =>
  defineMethod({
    name: "wallet.create",
    ...walletWire.methods["wallet.create"],
    summary: "Takes a number for a wallet of one's own; asking again changes nothing.",
    access: "person",
    errors: [walletTaken, walletsFull, assetNotFound],
    transaction: "write",
    async prepare({ input }) {
      if ((await desk.listings.findAsset(input.asset)) === null) throw assetNotFound();
      return desk.ids.uuid();
    },
    async handle({ input, actor, tx, clock, events, prepared: choreId }) {
      const { walletId: wallet, asset, name } = input;
      const owner = actor.accountId;
      const nowMs = clock.nowMs();
      const shard = shardOf(wallet, desk.readers.length);
      const listing = { wallet, owner, asset, shard, name, createdAtMs: nowMs };
      if (!(await insertListing(tx, listing))) {
        const known = await findListing(tx, wallet);
        if (known?.owner !== owner) throw walletTaken();
        return { walletId: wallet };
      }
      if ((await listOwned(tx, owner, WALLETS_MAX + 1)).length > WALLETS_MAX) {
        throw walletsFull({ max: WALLETS_MAX });
      }
      const grant = desk.grant === null ? null : { owner, amount: String(desk.grant) };
      const operation = { verb: "open", wallet, asset, minBalance: "0", grant } as const;
      await insertChore(tx, { id: choreId, shard, operation, nowMs });
      events.emit(NODES_TOPIC, "wallet.noticed", { ids: [], chores: [choreId] });
      return { walletId: wallet };
    },
  });
