import { defineMethod } from "../../../core/method.ts";
import { type Desk, getOwned, readWallet } from "../desk/desk.ts";
import { viewBalance, viewTransfer } from "../desk/views.ts";
import { walletNotFound } from "../errors.ts";
import { listLatest } from "../store/transfers.ts";
import { walletWire } from "../types.ts";

export const balance = (desk: Desk) =>
  defineMethod({
    name: "wallet.balance",
    ...walletWire.methods["wallet.balance"],
    summary: "What is in a wallet, what is held, and the last transaction.",
    access: "person",
    errors: [walletNotFound],
    transaction: "none",
    async handle({ input: { walletId }, actor }) {
      const listed = await getOwned(desk, walletId, actor.accountId);
      // The transaction first: once it is seen to be successful, the balance has it.
      const [last] = await desk
        .work()
        .single((tx) => listLatest(tx, walletId, { before: undefined, limit: 1 }));
      return {
        ...viewBalance(listed, await readWallet(desk, listed)),
        last: last === undefined ? null : viewTransfer(last, walletId, listed.scale),
      };
    },
  });
