import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { openWallet } from "../desk/opening.ts";
import { assetDiffers, assetNotFound, walletsFull, walletTaken } from "../errors.ts";
import { findListing, listOwned } from "../store/directory.ts";
import { WALLETS_MAX, walletWire } from "../types.ts";

export const create = (desk: Desk) =>
  defineMethod({
    name: "wallet.create",
    ...walletWire.methods["wallet.create"],
    summary: "Takes a number for a wallet of one's own; asking again changes nothing.",
    access: "person",
    errors: [walletTaken, assetDiffers, walletsFull, assetNotFound],
    transaction: "write",
    async prepare({ input }) {
      if ((await desk.listings.findAsset(input.asset)) === null) throw assetNotFound();
      return desk.ids.uuid();
    },
    async handle({ input, actor, tx, events, prepared: choreId }) {
      const { walletId: wallet, asset, name } = input;
      const owner = actor.accountId;
      if (!(await openWallet(desk, { tx, events }, { wallet, owner, asset, name, choreId }))) {
        const known = await findListing(tx, wallet);
        if (known?.owner !== owner) throw walletTaken();
        if (known.asset !== asset) throw assetDiffers();
        return { walletId: wallet };
      }
      if ((await listOwned(tx, owner, WALLETS_MAX + 1)).length > WALLETS_MAX) {
        throw walletsFull({ max: WALLETS_MAX });
      }
      return { walletId: wallet };
    },
  });
