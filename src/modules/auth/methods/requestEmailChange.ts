import { defineMethod } from "../../../core/method.ts";
import { countMail } from "../credentials/attempts.ts";
import { emailMissing, tooManyAttempts } from "../errors.ts";
import { mailLink } from "../notices/mail-links.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** The permit goes to the address that the account has: who brings it back reads that mailbox. */
export const requestEmailChange = (kit: AuthKit) =>
  defineMethod({
    name: "auth.requestEmailChange",
    ...authWire.methods["auth.requestEmailChange"],
    summary: "Mails a permit to change the account's address to the address it has.",
    access: "person",
    errors: [emailMissing, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { accountId } = call.actor;
      const { email } = await call.work.single((tx) => getAccount(tx, accountId));
      if (email === null) throw emailMissing();
      await countMail(call, accountId, email);
    },
    async handle(call) {
      const { id: accountId, email } = await lockAccount(call.tx, call.actor.accountId);
      if (email === null) throw emailMissing();
      await mailLink(kit, call, { accountId, purpose: "permit_email", email });
      return {};
    },
  });
