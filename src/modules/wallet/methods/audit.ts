import { defineMethod } from "../../../core/method.ts";
import { auditAll } from "../desk/audit.ts";
import type { Desk } from "../desk/desk.ts";
import { walletWire } from "../types.ts";

export const audit = (desk: Desk) =>
  defineMethod({
    name: "wallet.audit",
    ...walletWire.methods["wallet.audit"],
    summary: "Adds everything up again: balances, holds, what is on its way, and the chain.",
    access: "operator",
    errors: [],
    budget: { burst: 10, perSecond: 0.2 },
    urgency: "history",
    transaction: "none",
    handle: ({ clock }) => auditAll(desk, clock.nowMs()),
  });
