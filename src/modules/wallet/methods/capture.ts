import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { decide, findOwnHold } from "../desk/holds.ts";
import { captureTooLarge, holdEnded, transactionNotFound } from "../errors.ts";
import { parseAmount } from "../rules/amounts.ts";
import { walletWire } from "../types.ts";

export const capture = (desk: Desk) =>
  defineMethod({
    name: "wallet.capture",
    ...walletWire.methods["wallet.capture"],
    summary: "Sends the money of a hold, or a part of it; the rest is released.",
    access: "person",
    errors: [transactionNotFound, holdEnded, captureTooLarge],
    transaction: "own",
    async handle({ input: { txId, amount: text }, actor }) {
      const hold = await findOwnHold(desk, txId, actor.accountId);
      const scale = await desk.listings.scaleOf(hold.asset);
      const amount = text === undefined ? hold.amount : parseAmount(text, scale);
      if (amount === undefined || amount > hold.amount) throw captureTooLarge();
      const captured = amount === hold.amount ? null : amount;
      return decide(desk, hold, { decision: "commit", captured });
    },
  });
