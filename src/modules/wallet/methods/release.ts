import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { decide, findOwnHold } from "../desk/holds.ts";
import { holdEnded, transactionNotFound } from "../errors.ts";
import { walletWire } from "../types.ts";

export const release = (desk: Desk) =>
  defineMethod({
    name: "wallet.release",
    ...walletWire.methods["wallet.release"],
    summary: "Gives the money of a hold back.",
    access: "person",
    errors: [transactionNotFound, holdEnded],
    transaction: "own",
    async handle({ input: { txId }, actor }) {
      const hold = await findOwnHold(desk, txId, actor.accountId);
      return decide(desk, hold, { decision: "abort", captured: null });
    },
  });
