import { defineMethod } from "../../../core/method.ts";
import { type Desk, order } from "../desk/desk.ts";
import { termsOf } from "../desk/terms.ts";
import { viewAccepted } from "../desk/views.ts";
import { keyMismatch, notReversible, transactionNotFound } from "../errors.ts";
import { statusOf } from "../orchestrator/transfer.ts";
import { findTransfers } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const reverse = (desk: Desk) =>
  defineMethod({
    name: "wallet.reverse",
    ...walletWire.methods["wallet.reverse"],
    summary: "Sends back what a transfer has brought; for its receiver, and once.",
    access: "person",
    errors: [transactionNotFound, notReversible, keyMismatch],
    transaction: "own",
    async handle({ input: { txId }, actor, repeatKey, clock }) {
      const [original] = await desk.work().single((tx) => findTransfers(tx, [BigInt(txId)]));
      const [payer, receiver] = await Promise.all(
        [original?.from, original?.to].map((id) =>
          id === undefined ? null : desk.listings.find(id),
        ),
      );
      const isTheirs = [payer, receiver].some((own) => own?.owner === actor.accountId);
      if (original === undefined || !isTheirs) throw transactionNotFound();
      const isReversible =
        receiver?.owner === actor.accountId &&
        original.kind !== "reversal" &&
        statusOf(original) === "SUCCESSFUL";
      if (!isReversible || receiver === null || receiver === undefined) throw notReversible();
      const terms = termsOf(
        {
          kind: "reversal",
          owner: actor.accountId,
          key: repeatKey,
          from: original.to,
          fromShard: original.toShard,
          to: original.from,
          toShard: original.fromShard,
          asset: original.asset,
          amount: original.captured ?? original.amount,
          reverses: original.id,
        },
        desk.readers.length,
        clock.nowMs(),
      );
      const [accepted] = await order(desk, [terms]);
      return viewAccepted(accepted);
    },
  });
