import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { viewPage } from "../desk/views.ts";
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
      const place = cursor === undefined ? undefined : BigInt(cursor);
      const page = await readPage(limit, (count) =>
        from === "newest"
          ? listLatest(tx, walletId, { before: place, limit: count })
          : listTransfers(tx, walletId, { after: place ?? 0n, limit: count }),
      );
      return viewPage(page, walletId, scale);
    },
  });
