import { defineMethod } from "../../../core/method.ts";
import { type Desk, haveDone } from "../desk/desk.ts";
import { walletClosed, walletNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const freeze = (desk: Desk) =>
  defineMethod({
    name: "wallet.freeze",
    ...walletWire.methods["wallet.freeze"],
    summary: "Keeps a wallet from paying and taking, or lets it again.",
    access: "operator",
    errors: [walletNotFound, walletClosed],
    transaction: "own",
    async handle({ input: { walletId: wallet, frozen } }) {
      const listed = await desk.listings.find(wallet);
      if (listed === null) throw walletNotFound();
      const state = frozen ? "frozen" : "open";
      const operation = { verb: "configure", wallet, state, minBalance: null } as const;
      const refusal = await haveDone(desk, listed.shard, operation);
      if (refusal === "wallet_unknown") throw walletNotFound();
      if (refusal !== null) throw walletClosed();
      return {};
    },
  });
