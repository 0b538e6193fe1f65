import { defineMethod } from "../../../core/method.ts";
import { countMail, passAttempt } from "../credentials/attempts.ts";
import { reauthenticate } from "../credentials/reauthentication.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import { passwordWrong, reauthenticationNeeded, tooManyAttempts } from "../errors.ts";
import { mailLink } from "../notices/mail-links.ts";
import { addressInUseMail } from "../notices/mails.ts";
import { nameKey } from "../rules/names.ts";
import { findAccountByLogin, getAccount, lockAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * The address changes when the link that is mailed to it comes back. Whether somebody else has it
 * is not told here; its owner gets to know that it was asked for. An address that its account never
 * proved is treated as free. The account's own one, while unconfirmed, gets its link once more.
 */
export const changeEmail = (kit: AuthKit) =>
  defineMethod({
    name: "auth.changeEmail",
    ...authWire.methods["auth.changeEmail"],
    summary: "Mails a link to another address; opening it makes the address the account's.",
    access: "person",
    errors: [passwordWrong, reauthenticationNeeded, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { accountId } = call.actor;
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      const attempt = await reauthenticate(kit, call, account, call.input.currentPassword);
      await countMail(call, account.id, call.input.email);
      return { account, attempt };
    },
    async handle({ prepared: { account, attempt }, ...call }) {
      const { tx, input } = call;
      const locked = await lockAccount(tx, account.id);
      if (!isUnchanged(account, locked)) throw reauthenticationNeeded();
      if (attempt !== null) await passAttempt(tx, attempt);
      const isOwn = locked.email !== null && nameKey(locked.email) === nameKey(input.email);
      if (isOwn && locked.emailConfirmed) return {};
      const owner = await findAccountByLogin(tx, input.email);
      if (owner !== null && owner.id !== account.id && owner.emailConfirmed) {
        const letterhead = { issuer: kit.issuer, frontendUrl: kit.frontendUrl() };
        await kit.mailer.send(tx, addressInUseMail(letterhead, owner.email ?? input.email));
        return {};
      }
      const purpose = isOwn ? "confirm_email" : "change_email";
      await mailLink(kit, call, { accountId: account.id, purpose, email: input.email });
      return {};
    },
  });
