import { defineMethod } from "../../../core/method.ts";
import { type Desk, haveDone, readAmount } from "../desk/desk.ts";
import { amountInvalid, overdraftUsed, walletClosed, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const setOverdraft = (desk: Desk) =>
  defineMethod({
    name: "wallet.setOverdraft",
    ...walletWire.methods["wallet.setOverdraft"],
    summary: "Says how far below zero a wallet may go.",
    access: "operator",
    errors: [walletNotFound, walletClosed, overdraftUsed, amountInvalid],
    transaction: "own",
    async handle({ input: { walletId: wallet, overdraft } }) {
      const listed = await desk.listings.find(wallet);
      if (listed === null) throw walletNotFound();
      const isNone = /^0+(\.0+)?$/.test(overdraft);
      const limit = isNone ? 0n : readAmount(overdraft, listed.scale);
      const minBalance = String(-limit);
      const operation = { verb: "configure", wallet, state: null, minBalance } as const;
      const refusal = await haveDone(desk, listed.shard, operation);
      if (refusal === "wallet_unknown") throw walletNotFound();
      if (refusal === "funds_short") throw overdraftUsed();
      if (refusal !== null) throw walletClosed();
      return {};
    },
  });
