import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { viewTransfer } from "../desk/views.ts";
import { listDueHolds, listUnfinished } from "../store/transfers.ts";
import { PAGE_MAX, walletWire } from "../types.ts";

/** By then every hold is due. */
const END_OF_TIME_MS = Number.MAX_SAFE_INTEGER;

export const inFlight = (desk: Desk) =>
  defineMethod({
    name: "wallet.inFlight",
    ...walletWire.methods["wallet.inFlight"],
    summary: "Transfers that have not ended, the oldest first, as their payers see them.",
    access: "operator",
    errors: [],
    transaction: "single",
    async handle({ tx }) {
      const moving = await listUnfinished(tx, { after: 0n }, PAGE_MAX);
      const held = await listDueHolds(tx, { after: 0n, nowMs: END_OF_TIME_MS }, PAGE_MAX);
      // One that was held between the two looks is in both.
      const transfers = new Map([...moving, ...held].map((transfer) => [transfer.id, transfer]));
      const oldest = [...transfers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const numbered = oldest.slice(0, PAGE_MAX).map(async (transfer) => {
        const { from, to, kind, asset } = transfer;
        const scale = await desk.listings.scaleOf(asset);
        return viewTransfer(transfer, kind === "issue" ? to : from, scale);
      });
      return { transactions: await Promise.all(numbered) };
    },
  });
