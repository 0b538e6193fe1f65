import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, haveDone } from "../desk/desk.ts";
import { walletNotFound, walletUsed } from "../errors.ts";
import { walletWire } from "../types.ts";

export const close = (desk: Desk) =>
  defineMethod({
    name: "wallet.close",
    ...walletWire.methods["wallet.close"],
    summary: "Closes an empty wallet for good; its history stays.",
    access: "person",
    errors: [walletNotFound, walletUsed],
    transaction: "own",
    async handle({ input: { walletId: wallet }, actor }) {
      const { shard } = await getOwned(desk, wallet, actor.accountId);
      const operation = { verb: "configure", wallet, state: "closed", minBalance: null } as const;
      const refusal = await haveDone(desk, shard, operation);
      if (refusal === "wallet_unknown") throw walletNotFound();
      if (refusal !== null) throw walletUsed();
      return {};
    },
  });
