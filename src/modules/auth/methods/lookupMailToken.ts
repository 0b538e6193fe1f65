import { defineMethod } from "../../../core/method.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { hashToken } from "../credentials/tokens.ts";
import { mailTokenInvalid } from "../errors.ts";
import { findMailToken } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";

export const lookupMailToken = defineMethod({
  name: "auth.lookupMailToken",
  ...authWire.methods["auth.lookupMailToken"],
  summary: "Tells what a link from a mail is for, and uses nothing up.",
  access: "anyone",
  budget: FORM_BUDGET,
  errors: [mailTokenInvalid],
  transaction: "single",
  async handle({ input, tx, clock }) {
    const token = await findMailToken(tx, hashToken(input.token), clock.nowMs());
    if (token === null) throw mailTokenInvalid();
    return { purpose: token.purpose, expiresAtMs: token.expiresAtMs };
  },
});
