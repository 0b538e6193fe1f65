import { defineMethod } from "../../../core/method.ts";
import { countMail } from "../credentials/attempts.ts";
import { emailMissing, tooManyAttempts } from "../errors.ts";
import { mailLink } from "../notices/mail-links.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

export const requestEmailConfirmation = (kit: AuthKit) =>
  defineMethod({
    name: "auth.requestEmailConfirmation",
    ...authWire.methods["auth.requestEmailConfirmation"],
    summary: "Mails the link that confirms the account's address once more; nothing if confirmed.",
    access: "person",
    errors: [emailMissing, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { accountId } = call.actor;
      const { email, emailConfirmed } = await call.work.single((tx) => getAccount(tx, accountId));
      if (email === null) throw emailMissing();
      if (!emailConfirmed) await countMail(call, accountId, email);
    },
    async handle(call) {
      const {
        id: accountId,
        email,
        emailConfirmed,
      } = await lockAccount(call.tx, call.actor.accountId);
      if (email === null || emailConfirmed) return {};
      await mailLink(kit, call, { accountId, purpose: "confirm_email", email });
      return {};
    },
  });
