import { defineMethod } from "../../../core/method.ts";
import { Audits } from "../desk/audit.ts";
import type { Desk } from "../desk/desk.ts";
import { auditRunning } from "../errors.ts";
import { walletWire } from "../types.ts";

export const audit = (desk: Desk) => {
  const audits = new Audits();
  return defineMethod({
    name: "wallet.audit",
    ...walletWire.methods["wallet.audit"],
    summary: "Adds everything up again: balances, holds, what is on its way, and the chain.",
    access: "operator",
    errors: [auditRunning],
    budget: { burst: 10, perSecond: 0.2 },
    urgency: "history",
    transaction: "none",
    handle: () => audits.run(desk),
  });
};
