import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { viewEntry } from "../desk/views.ts";
import { walletNotFound } from "../errors.ts";
import { findTransfers } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const statement = (desk: Desk) =>
  defineMethod({
    name: "wallet.statement",
    ...walletWire.methods["wallet.statement"],
    summary: "What was posted to a wallet, with the balance after each entry, from the newest.",
    access: "person",
    errors: [walletNotFound],
    urgency: "history",
    transaction: "none",
    async handle({ input: { walletId, fromMs, toMs, before, limit }, actor }) {
      const { scale, shard } = await getOwned(desk, walletId, actor.accountId);
      const period = { wallet: walletId, fromMs, toMs, before };
      const { rows: entries, last } = await readPage(
        limit,
        async (count) => (await desk.readers[shard]?.entries({ ...period, limit: count })) ?? [],
      );
      const ids = entries.map(({ transfer }) => transfer);
      const transfers = await desk.work().single((tx) => findTransfers(tx, ids));
      const transferOf = new Map(transfers.map((transfer) => [transfer.id, transfer]));
      return {
        entries: entries.map((entry) => viewEntry(entry, transferOf.get(entry.transfer), scale)),
        before: last?.version ?? null,
      };
    },
  });
