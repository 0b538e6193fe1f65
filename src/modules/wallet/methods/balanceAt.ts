import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { walletNotFound } from "../errors.ts";
import { formatAmount } from "../rules/amounts.ts";
import { walletWire } from "../types.ts";

export const balanceAt = (desk: Desk) =>
  defineMethod({
    name: "wallet.balanceAt",
    ...walletWire.methods["wallet.balanceAt"],
    summary: "What was posted to a wallet at the end of a moment.",
    access: "person",
    errors: [walletNotFound],
    transaction: "none",
    async handle({ input: { walletId, atMs }, actor }) {
      const { asset, scale, shard } = await getOwned(desk, walletId, actor.accountId);
      const posted = (await desk.readers[shard]?.balanceAt(walletId, atMs)) ?? 0n;
      return { walletId, asset, posted: formatAmount(posted, scale) };
    },
  });
