import { defineMethod } from "../../../core/method.ts";
import { type Desk, order } from "../desk/desk.ts";
import { payingTerms } from "../desk/paying.ts";
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
    async handle({ input, actor, repeatKey }) {
      const terms = await payingTerms(desk, input, {
        owner: actor.accountId,
        key: input.key ?? repeatKey,
      });
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
