import { defineMethod } from "../../../core/method.ts";
import { countMail, countProbe, forgiveProbe, passAttempt } from "../credentials/attempts.ts";
import { reauthenticate } from "../credentials/reauthentication.ts";
import { hashToken } from "../credentials/tokens.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import {
  emailTaken,
  mailTokenInvalid,
  passwordWrong,
  reauthenticationNeeded,
  tooManyAttempts,
} from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { mailLink, mailUndo } from "../notices/mail-links.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { nameKey } from "../rules/names.ts";
import {
  findAccountByLogin,
  getAccount,
  lockAccount,
  setUnconfirmedEmail,
} from "../store/accounts.ts";
import { deleteMailTokens, findMailToken, takeMailToken } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * The change of document 002: at once, by a permit that was mailed to the present address. Nothing
 * has proved the next one, so it counts as unconfirmed and is given only when nobody else named it;
 * that somebody did has to be told, and whoever asks for many has to wait. The permit came back
 * from the former address, so that address is its owner's, who can take the change back.
 */
export const replaceEmail = (kit: AuthKit) =>
  defineMethod({
    name: "auth.replaceEmail",
    ...authWire.methods["auth.replaceEmail"],
    summary:
      "Changes the address at once, by a permit mailed to the former one, which can undo it.",
    access: "person",
    errors: [mailTokenInvalid, emailTaken, passwordWrong, reauthenticationNeeded, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { token, email, currentPassword } = call.input;
      const { accountId } = call.actor;
      const tokenHash = hashToken(token);
      const nowMs = call.clock.nowMs();
      const permit = await call.work.single((tx) => findMailToken(tx, tokenHash, nowMs));
      const isOwn = permit?.purpose === "permit_email" && permit.accountId === accountId;
      if (!isOwn) throw mailTokenInvalid();
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      const attempt = await reauthenticate(kit, call, account, currentPassword);
      await countProbe(call);
      const owner = await call.work.single((tx) => findAccountByLogin(tx, email));
      if (owner !== null && owner.id !== accountId) throw emailTaken();
      await countMail(call, accountId, email);
      return { tokenHash, account, attempt };
    },
    async handle({ prepared: { tokenHash, account, attempt }, ...call }) {
      const { tx, input } = call;
      const locked = await lockAccount(tx, account.id);
      if (!isUnchanged(account, locked)) throw reauthenticationNeeded();
      if (!(await takeMailToken(tx, tokenHash))) throw mailTokenInvalid();
      if (attempt !== null) await passAttempt(tx, attempt);
      await forgiveProbe(tx, call.caller);
      const former = locked.email;
      if (former !== null && nameKey(former) === nameKey(input.email)) return {};
      await setUnconfirmedEmail(tx, account.id, input.email);
      await deleteMailTokens(tx, account.id);
      const { email } = input;
      await mailLink(kit, call, { accountId: account.id, purpose: "confirm_email", email });
      if (former !== null) await mailUndo(kit, call, { accountId: account.id, email: former });
      await recordSecurityEvent(kit, call, locked, "email_changed", { mail: false });
      await tellAccountChanged(call, account.id);
      return {};
    },
  });
