import { defineMethod } from "../../../core/method.ts";
import { type Attempt, beginAttempt, passAttempt } from "../credentials/attempts.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { type CodeProof, judgeCode, useCode } from "../credentials/one-time-codes.ts";
import { hashToken } from "../credentials/tokens.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import {
  invalidCode,
  mailTokenInvalid,
  otpRequired,
  passwordTooCommon,
  tooManyAttempts,
} from "../errors.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { isTooCommon } from "../rules/passwords.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { getAccount, lockAccount, setConfirmedEmail } from "../store/accounts.ts";
import { setPassword } from "../store/credentials.ts";
import { deleteMailTokens, findMailToken, takeMailToken } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** The link stands in for the password and for nothing else: an enrolled app is still asked. */
export const resetPassword = (kit: AuthKit) =>
  defineMethod({
    name: "auth.resetPassword",
    ...authWire.methods["auth.resetPassword"],
    summary: "Sets another password by a link from a mail, and ends every session of the account.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [mailTokenInvalid, otpRequired, invalidCode, passwordTooCommon, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { token, newPassword, otp } = call.input;
      const tokenHash = hashToken(token);
      const nowMs = call.clock.nowMs();
      const link = await call.work.single((tx) => findMailToken(tx, tokenHash, nowMs));
      if (link === null || link.purpose !== "reset_password") throw mailTokenInvalid();
      const account = await call.work.single((tx) => getAccount(tx, link.accountId));
      if (isTooCommon(newPassword, [account.username, account.email])) throw passwordTooCommon();
      let second: { attempt: Attempt; proof: CodeProof } | null = null;
      if (account.totpSecret !== null) {
        if (otp === undefined) throw otpRequired();
        const attempt = await beginAttempt(call, account);
        const proof = await judgeCode(kit, call, account, { attempt, code: otp });
        second = { attempt, proof };
      }
      const passwordHash = await kit.passwords.hash(newPassword, call.signal);
      return { tokenHash, email: link.email, account, second, passwordHash };
    },
    async handle({ prepared: { tokenHash, email, account, second, passwordHash }, ...call }) {
      const { tx } = call;
      const locked = await lockAccount(tx, account.id);
      if (!isUnchanged(account, locked)) throw mailTokenInvalid();
      if (!(await takeMailToken(tx, tokenHash))) throw mailTokenInvalid();
      if (second !== null) {
        await useCode(kit, call, locked, second.proof);
        await passAttempt(tx, second.attempt);
      }
      await setPassword(tx, account.id, passwordHash);
      await setConfirmedEmail(tx, account.id, email);
      await deleteMailTokens(tx, account.id);
      await endSessions(call, account.id);
      const confirmed = { ...locked, email, emailConfirmed: true };
      await recordSecurityEvent(kit, call, confirmed, "password_reset");
      call.caller.cookies?.clear();
      return {};
    },
  });
