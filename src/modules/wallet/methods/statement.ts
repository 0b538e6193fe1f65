import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { walletNotFound } from "../errors.ts";
import { formatAmount, formatSigned } from "../rules/amounts.ts";
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
      const page = { wallet: walletId, fromMs, toMs, before, limit };
      const entries = (await desk.readers[shard]?.entries(page)) ?? [];
      return {
        entries: entries.map(({ transfer, amount, balanceAfter, atMs }) => ({
          txId: String(transfer),
          amount: formatSigned(amount, scale),
          balanceAfter: formatAmount(balanceAfter, scale),
          atMs,
        })),
        before: entries.length < limit ? null : (entries.at(-1)?.version ?? null),
      };
    },
  });
