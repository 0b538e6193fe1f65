import { defineMethod } from "../../../core/method.ts";
import { type Desk, haveDone, openIssuer, order, readAmount } from "../desk/desk.ts";
import { termsOf } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { amountInvalid, assetDiffers, keyMismatch, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const issue = (desk: Desk) =>
  defineMethod({
    name: "wallet.issue",
    ...walletWire.methods["wallet.issue"],
    summary: "Brings money into being, in a wallet; everything together still sums to zero.",
    access: "operator",
    errors: [walletNotFound, assetDiffers, amountInvalid, keyMismatch],
    transaction: "own",
    async handle({ input, actor, repeatKey, clock }) {
      const { toId, amount, memo, key } = input;
      const listed = await desk.listings.find(toId);
      if (listed === null) throw walletNotFound();
      const { asset, scale, shard } = listed;
      if (input.asset !== undefined && input.asset !== asset) throw assetDiffers();
      const counted = readAmount(amount, scale);
      const issuer = openIssuer(asset, shard);
      const known = await desk.readers[shard]?.wallets([issuer.wallet]);
      if (known?.length === 0) await haveDone(desk, shard, issuer);
      const terms = termsOf(
        {
          kind: "issue",
          owner: actor.accountId,
          key: key ?? repeatKey,
          from: issuer.wallet,
          fromShard: shard,
          to: toId,
          asset,
          amount: counted,
          memo,
        },
        desk.readers.length,
        clock.nowMs(),
      );
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
