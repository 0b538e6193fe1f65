import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { viewTransfer } from "../desk/views.ts";
import { transactionNotFound } from "../errors.ts";
import { findTransfers } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const getTransaction = (desk: Desk) =>
  defineMethod({
    name: "wallet.getTransaction",
    ...walletWire.methods["wallet.getTransaction"],
    summary: "A transaction of one of the caller's wallets.",
    access: "person",
    errors: [transactionNotFound],
    transaction: "none",
    async handle({ input: { txId }, actor }) {
      const [transfer] = await desk.work().single((tx) => findTransfers(tx, [BigInt(txId)]));
      if (transfer === undefined) throw transactionNotFound();
      for (const id of [transfer.from, transfer.to]) {
        const listed = await desk.listings.find(id);
        if (listed?.owner === actor.accountId) return viewTransfer(transfer, id, listed.scale);
      }
      throw transactionNotFound();
    },
  });
