import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, order, readAmount } from "../desk/desk.ts";
import { TRANSFER_MS_MAX, termsOf } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { amountInvalid, keyMismatch, sameWallet, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const hold = (desk: Desk) =>
  defineMethod({
    name: "wallet.hold",
    ...walletWire.methods["wallet.hold"],
    summary: "Sets money aside for another wallet, to be captured or released later.",
    access: "person",
    errors: [walletNotFound, sameWallet, amountInvalid, keyMismatch],
    transaction: "own",
    async handle({ input, actor, repeatKey, clock }) {
      const { fromId, toId, memo, seconds } = input;
      if (fromId === toId) throw sameWallet();
      const { asset, scale, shard } = await getOwned(desk, fromId, actor.accountId);
      const terms = termsOf(
        {
          kind: "hold",
          owner: actor.accountId,
          key: input.key ?? repeatKey,
          from: fromId,
          fromShard: shard,
          to: toId,
          asset,
          amount: readAmount(input.amount, scale),
          memo,
          lastsMs: TRANSFER_MS_MAX + seconds * 1_000,
        },
        desk.readers.length,
        clock.nowMs(),
      );
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
