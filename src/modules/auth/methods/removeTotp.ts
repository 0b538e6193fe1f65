import { defineMethod } from "../../../core/method.ts";
import { beginAttempt, failAttempt, passAttempt } from "../credentials/attempts.ts";
import { judgeCode, useCode } from "../credentials/one-time-codes.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import {
  invalidCode,
  onlyWayIn,
  passwordWrong,
  reauthenticationNeeded,
  tooManyAttempts,
  totpNotEnrolled,
} from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { removeTotp as remove } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** An account without a password keeps its app: nobody could sign in to it any more. */
export const removeTotp = (kit: AuthKit) =>
  defineMethod({
    name: "auth.removeTotp",
    ...authWire.methods["auth.removeTotp"],
    summary: "Removes the authenticator app and the recovery codes.",
    access: "person",
    errors: [
      totpNotEnrolled,
      onlyWayIn,
      passwordWrong,
      invalidCode,
      reauthenticationNeeded,
      tooManyAttempts,
    ],
    transaction: "write",
    async prepare(call) {
      const { currentPassword, otp } = call.input;
      const { accountId } = call.actor;
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      if (account.totpSecret === null) throw totpNotEnrolled();
      if (account.passwordHash === null) throw onlyWayIn();
      const attempt = await beginAttempt(call, account);
      if (!(await kit.passwords.verify(account.passwordHash, currentPassword, call.signal))) {
        await failAttempt(kit, call, account, attempt);
        throw passwordWrong();
      }
      const proof = await judgeCode(kit, call, account, { attempt, code: otp });
      return { account, attempt, proof };
    },
    async handle({ prepared: { account, attempt, proof }, ...call }) {
      const { tx } = call;
      const locked = await lockAccount(tx, account.id);
      if (!isUnchanged(account, locked)) throw reauthenticationNeeded();
      await useCode(kit, call, locked, proof);
      await remove(tx, account.id);
      await passAttempt(tx, attempt);
      await recordSecurityEvent(kit, call, locked, "totp_removed");
      await tellAccountChanged(call, account.id);
      return {};
    },
  });
