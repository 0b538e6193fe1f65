import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, order, readAmount } from "../desk/desk.ts";
import { termsOf, underOneKey } from "../desk/terms.ts";
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
    async handle({ input, actor, repeatKey, clock }) {
      const nowMs = clock.nowMs();
      const owner = actor.accountId;
      const termsOfOne = async (asking: (typeof input.transfers)[number]) => {
        const { fromId, toId, amount, memo } = asking;
        if (fromId === toId) throw sameWallet();
        const { asset, scale, shard } = await getOwned(desk, fromId, owner);
        const asked = {
          owner,
          key: undefined,
          from: fromId,
          fromShard: shard,
          to: toId,
          asset,
          memo,
        };
        const counted = { ...asked, amount: readAmount(amount, scale) };
        return termsOf(counted, desk.readers.length, nowMs);
      };
      const terms = await Promise.all(input.transfers.map(termsOfOne));
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
