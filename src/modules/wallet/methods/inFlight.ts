import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { viewTransfer } from "../desk/views.ts";
import { listUnfinished } from "../store/transfers.ts";
import { PAGE_MAX, walletWire } from "../types.ts";

export const inFlight = (desk: Desk) =>
  defineMethod({
    name: "wallet.inFlight",
    ...walletWire.methods["wallet.inFlight"],
    summary: "Transfers that have not ended, the oldest first, as their payers see them.",
    access: "operator",
    errors: [],
    transaction: "single",
    async handle({ tx }) {
      const transfers = await listUnfinished(tx, { after: 0n }, PAGE_MAX);
      const numbered = transfers.map(async (transfer) => {
        const { from, to, kind, asset } = transfer;
        const scale = await desk.listings.scaleOf(asset);
        return viewTransfer(transfer, kind === "issue" ? to : from, scale);
      });
      return { transactions: await Promise.all(numbered) };
    },
  });
