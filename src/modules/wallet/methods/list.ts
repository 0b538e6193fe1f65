import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { viewBalance } from "../desk/views.ts";
import { listOwned } from "../store/directory.ts";
import { WALLETS_MAX, walletWire } from "../types.ts";

export const list = (desk: Desk) =>
  defineMethod({
    name: "wallet.list",
    ...walletWire.methods["wallet.list"],
    summary: "The caller's wallets, with what is in them.",
    access: "person",
    errors: [],
    transaction: "single",
    async handle({ actor, tx }) {
      const listings = await listOwned(tx, actor.accountId, WALLETS_MAX);
      const byShard = Map.groupBy(listings, ({ shard }) => shard);
      const records = await Promise.all(
        [...byShard].map(async ([shard, own]) =>
          desk.readers[shard]?.wallets(own.map(({ wallet }) => wallet)),
        ),
      );
      const recordOf = new Map(records.flatMap((some) => some ?? []).map((r) => [r.wallet, r]));
      const wallets = await Promise.all(
        listings.map(async (listing) => {
          const scale = await desk.listings.scaleOf(listing.asset);
          const balance = viewBalance({ ...listing, scale }, recordOf.get(listing.wallet));
          return { ...balance, name: listing.name, createdAtMs: listing.createdAtMs };
        }),
      );
      return { wallets };
    },
  });
