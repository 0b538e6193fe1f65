import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { viewTransfer } from "../desk/views.ts";
import { walletNotFound } from "../errors.ts";
import { listLatest, listTransfers } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const transactions = (desk: Desk) =>
  defineMethod({
    name: "wallet.transactions",
    ...walletWire.methods["wallet.transactions"],
    summary: "The transactions of a wallet, from the oldest or the newest.",
    access: "person",
    errors: [walletNotFound],
    urgency: "history",
    transaction: "single",
    async handle({ input: { walletId, from, cursor, limit }, actor, tx }) {
      const { scale } = await getOwned(desk, walletId, actor.accountId);
      const last = cursor === undefined ? undefined : BigInt(cursor);
      const transfers =
        from === "newest"
          ? await listLatest(tx, walletId, { before: last, limit })
          : await listTransfers(tx, walletId, { after: last ?? 0n, limit });
      return {
        transactions: transfers.map((transfer) => viewTransfer(transfer, walletId, scale)),
        cursor: transfers.length < limit ? null : String(transfers.at(-1)?.id),
      };
    },
  });
