import { defineMethod } from "../../../core/method.ts";
import { hashToken } from "../credentials/tokens.ts";
import { emailTaken, mailTokenInvalid } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { FORM_BUDGET } from "../rules/budgets.ts";
import { lockAccount, setConfirmedEmail } from "../store/accounts.ts";
import { deleteMailTokens, findMailToken, takeMailToken } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

export const confirmEmail = (kit: AuthKit) =>
  defineMethod({
    name: "auth.confirmEmail",
    ...authWire.methods["auth.confirmEmail"],
    summary: "Confirms the address that a link was mailed to, and makes it the account's.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [mailTokenInvalid, emailTaken],
    transaction: "write",
    async handle(call) {
      const { tx, input, clock } = call;
      const tokenHash = hashToken(input.token);
      const token = await findMailToken(tx, tokenHash, clock.nowMs());
      if (token === null || token.purpose === "reset_password") throw mailTokenInvalid();
      const before = await lockAccount(tx, token.accountId);
      if (!(await takeMailToken(tx, tokenHash))) throw mailTokenInvalid();
      await setConfirmedEmail(tx, before.id, token.email);
      if (token.purpose === "change_email") {
        await deleteMailTokens(tx, before.id);
        const former = before.emailConfirmed ? before.email : null;
        await recordSecurityEvent(
          kit,
          call,
          before,
          "email_changed",
          former === null ? { mail: false } : { to: former },
        );
      }
      return tellAccountChanged(call, before.id);
    },
  });
