import { defineMethod } from "../../../core/method.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { hashToken } from "../credentials/tokens.ts";
import { mailTokenInvalid } from "../errors.ts";
import { getAccount } from "../store/accounts.ts";
import { findMailToken } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";

export const lookupPasswordReset = defineMethod({
  name: "auth.lookupPasswordReset",
  ...authWire.methods["auth.lookupPasswordReset"],
  summary: "Tells whose password a link from a mail resets, and uses nothing up.",
  access: "anyone",
  budget: FORM_BUDGET,
  errors: [mailTokenInvalid],
  transaction: "snapshot",
  async handle({ input, tx, clock }) {
    const token = await findMailToken(tx, hashToken(input.token), clock.nowMs());
    if (token?.purpose !== "reset_password") throw mailTokenInvalid();
    const { id, displayName } = await getAccount(tx, token.accountId);
    return { id, email: token.email, displayName };
  },
});
