import { defineMethod } from "../../../core/method.ts";
import { type Desk, order } from "../desk/desk.ts";
import { payingTerms } from "../desk/paying.ts";
import { TRANSFER_MS_MAX } from "../desk/terms.ts";
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
    async handle({ input, actor, repeatKey }) {
      const terms = await payingTerms(desk, input, {
        owner: actor.accountId,
        key: input.key ?? repeatKey,
        kind: "hold",
        lastsMs: TRANSFER_MS_MAX + input.seconds * 1_000,
      });
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
