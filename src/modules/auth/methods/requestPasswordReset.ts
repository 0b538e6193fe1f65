import { defineMethod } from "../../../core/method.ts";
import { countProbe } from "../credentials/attempts.ts";
import { MAIL_BUDGET } from "../credentials/budgets.ts";
import { tooManyAttempts } from "../errors.ts";
import { nameKey } from "../rules/names.ts";
import { putResetRequest } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";

/**
 * Does the same for every address: it writes down that somebody asked. Whether the address belongs
 * to an account is looked up afterwards, by a job, so that neither the answer nor its time tells.
 */
export const requestPasswordReset = defineMethod({
  name: "auth.requestPasswordReset",
  ...authWire.methods["auth.requestPasswordReset"],
  summary: "Mails a link to choose another password, if the address belongs to an account.",
  access: "anyone",
  budget: MAIL_BUDGET,
  errors: [tooManyAttempts],
  transaction: "write",
  async prepare(call) {
    await countProbe(call);
  },
  async handle({ input, tx, clock }) {
    await putResetRequest(tx, nameKey(input.email), clock.nowMs());
    return {};
  },
});
