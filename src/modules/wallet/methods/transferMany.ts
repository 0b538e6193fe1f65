import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, order, readAmount } from "../desk/desk.ts";
import { termsOf, underOneKey } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { amountInvalid, keyMismatch, sameWallet, walletNotFound } from "../errors.ts";
import type { TransferTerms } from "../orchestrator/transfer.ts";
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
      const terms: TransferTerms[] = [];
      for (const [at, { fromId, toId, amount, memo }] of input.transfers.entries()) {
        if (fromId === toId) throw sameWallet();
        const { asset, scale, shard } = await getOwned(desk, fromId, owner);
        // Each on its own has a key of its own, made of the one that came.
        const key = repeatKey === undefined || input.together ? undefined : `${repeatKey}#${at}`;
        const asked = { owner, key, from: fromId, fromShard: shard, to: toId, asset, memo };
        const counted = { ...asked, amount: readAmount(amount, scale) };
        terms.push(termsOf(counted, desk.readers.length, nowMs));
      }
      if (input.together) {
        const accepted = await order(desk, underOneKey(terms, repeatKey));
        return { transfers: accepted.map(viewAccepted) };
      }
      const accepted = await Promise.all(terms.map((one) => order(desk, [one])));
      return { transfers: accepted.flat().map(viewAccepted) };
    },
  });
