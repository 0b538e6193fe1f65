import { defineMethod } from "../../../core/method.ts";
import { passAttempt } from "../credentials/attempts.ts";
import { reauthenticate } from "../credentials/reauthentication.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import {
  passwordTooCommon,
  passwordWrong,
  reauthenticationNeeded,
  tooManyAttempts,
} from "../errors.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { isTooCommon } from "../rules/passwords.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { openSession } from "../sessions/open-session.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { setPassword } from "../store/credentials.ts";
import { deleteMailTokens } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * Every session ends, so that whoever else is signed in is so no longer, and no token of before is
 * good for anything. A browser that called by its cookie gets the cookie of another session along
 * with the answer; everybody else signs in again.
 */
export const changePassword = (kit: AuthKit) =>
  defineMethod({
    name: "auth.changePassword",
    ...authWire.methods["auth.changePassword"],
    summary: "Changes the password and ends every session; a browser's cookie is renewed.",
    access: "person",
    errors: [passwordTooCommon, passwordWrong, reauthenticationNeeded, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { currentPassword, newPassword } = call.input;
      const { accountId } = call.actor;
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      const attempt = await reauthenticate(kit, call, account, currentPassword);
      if (isTooCommon(newPassword, [account.username, account.email])) throw passwordTooCommon();
      const passwordHash = await kit.passwords.hash(newPassword, call.signal);
      return { account, attempt, passwordHash };
    },
    async handle({ prepared: { account, attempt, passwordHash }, ...call }) {
      const locked = await lockAccount(call.tx, account.id);
      if (!isUnchanged(account, locked)) throw reauthenticationNeeded();
      await setPassword(call.tx, account.id, passwordHash);
      await deleteMailTokens(call.tx, account.id);
      if (attempt !== null) await passAttempt(call.tx, attempt);
      await endSessions(call, account.id);
      await recordSecurityEvent(kit, call, locked, "password_changed");
      const { cookies, credentials } = call.caller;
      const byCookie = credentials.bearer === undefined && cookies !== undefined;
      if (byCookie) await openSession(kit, call, account.id);
      return {};
    },
  });
