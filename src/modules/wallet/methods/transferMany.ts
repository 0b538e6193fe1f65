import { defineMethod } from "../../../core/method.ts";
import { type Desk, order } from "../desk/desk.ts";
import { payingTerms } from "../desk/paying.ts";
import { underOneKey } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { amountInvalid, keyMismatch, sameWallet, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const transferMany = (desk: Desk) =>
  defineMethod({
    name: "wallet.transferMany",
    ...walletWire.methods["wallet.transferMany"],
    summary: "Sends money many times: all of it or none, or each on its own.",
    access: "person",
    errors: [walletNotFound, sameWallet, amountInvalid, keyMismatch],
    transaction: "own",
    async handle({ input, actor, repeatKey }) {
      const each = { owner: actor.accountId, key: undefined };
      const terms = await Promise.all(
        input.transfers.map((payment) => payingTerms(desk, payment, each)),
      );
      const [first, ...others] = underOneKey(terms, repeatKey, input);
      if (first === undefined) throw new Error("There is at least one transfer.");
      if (input.together) {
        const accepted = await order(desk, [first, ...others]);
        return { transfers: accepted.map(viewAccepted) };
      }
      // The first alone, so that a key that was used otherwise is refused before anything happens.
      const accepted = await order(desk, [first]);
      const rest = await Promise.all(others.map((one) => order(desk, [one])));
      return { transfers: [...accepted, ...rest.flat()].map(viewAccepted) };
    },
  });
