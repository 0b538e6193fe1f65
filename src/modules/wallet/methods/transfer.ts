import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, order, readAmount } from "../desk/desk.ts";
import { termsOf } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { amountInvalid, keyMismatch, sameWallet, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const transfer = (desk: Desk) =>
  defineMethod({
    name: "wallet.transfer",
    ...walletWire.methods["wallet.transfer"],
    summary: "Sends money from a wallet of one's own to any other; how it ends is told later.",
    access: "person",
    errors: [walletNotFound, sameWallet, amountInvalid, keyMismatch],
    transaction: "own",
    async handle({ input, actor, repeatKey, clock }) {
      const { fromId, toId, memo } = input;
      if (fromId === toId) throw sameWallet();
      const { asset, scale, shard } = await getOwned(desk, fromId, actor.accountId);
      const terms = termsOf(
        {
          owner: actor.accountId,
          key: input.key ?? repeatKey,
          from: fromId,
          fromShard: shard,
          to: toId,
          asset,
          amount: readAmount(input.amount, scale),
          memo,
        },
        desk.readers.length,
        clock.nowMs(),
      );
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
