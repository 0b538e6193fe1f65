import { defineMethod } from "../../../core/method.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { hashToken } from "../credentials/tokens.ts";
import { emailClaimed, emailTaken, mailTokenInvalid } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { lockAccount, releaseUnconfirmedEmail, setConfirmedEmail } from "../store/accounts.ts";
import { deleteMailTokens, findMailToken, takeMailToken } from "../store/mail-tokens.ts";
import { authWire, type MailPurpose } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** What is mailed to an address that is to be the account's. */
const PROVING: readonly MailPurpose[] = ["confirm_email", "change_email"];

/**
 * Who proves an address has it, also when another account named it first and never proved it. Only
 * that account's own browser may take it from another: a link that somebody had mailed to a person
 * who has not confirmed yet, and who opens it without a thought, must not cost them their way in.
 */
export const confirmEmail = (kit: AuthKit) =>
  defineMethod({
    name: "auth.confirmEmail",
    ...authWire.methods["auth.confirmEmail"],
    summary: "Confirms the address that a link was mailed to, and makes it the account's.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [mailTokenInvalid, emailTaken, emailClaimed],
    transaction: "write",
    async handle(call) {
      const { tx, input, clock } = call;
      const tokenHash = hashToken(input.token);
      const token = await findMailToken(tx, tokenHash, clock.nowMs());
      if (token === null || !PROVING.includes(token.purpose)) throw mailTokenInvalid();
      const before = await lockAccount(tx, token.accountId);
      if (!(await takeMailToken(tx, tokenHash))) throw mailTokenInvalid();
      const formerId = await releaseUnconfirmedEmail(tx, token.email, before.id);
      if (formerId !== null) {
        const isOwner = call.actor.kind === "person" && call.actor.accountId === before.id;
        if (!isOwner) throw emailClaimed();
        await deleteMailTokens(tx, formerId);
        await tellAccountChanged(call, formerId);
      }
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
