import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { viewTransfer } from "../desk/views.ts";
import { walletNotFound } from "../errors.ts";
import { listTransfers } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const transactions = (desk: Desk) =>
  defineMethod({
    name: "wallet.transactions",
    ...walletWire.methods["wallet.transactions"],
    summary: "The transactions of a wallet, from the oldest.",
    access: "person",
    errors: [walletNotFound],
    urgency: "history",
    transaction: "single",
    async handle({ input: { walletId, cursor, limit }, actor, tx }) {
      const { scale } = await getOwned(desk, walletId, actor.accountId);
      const after = BigInt(cursor ?? 0);
      const transfers = await listTransfers(tx, walletId, { after, limit });
      return {
        transactions: transfers.map((transfer) => viewTransfer(transfer, walletId, scale)),
        cursor: transfers.length < limit ? null : String(transfers.at(-1)?.id),
      };
    },
  });
