import { defineMethod } from "../../../core/method.ts";
import { beginAttempt, dropAttempt, failAttempt, passAttempt } from "../credentials/attempts.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { judgeCode, useCode } from "../credentials/one-time-codes.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import { invalidCode, invalidCredentials, otpRequired, tooManyAttempts } from "../errors.ts";
import { openSession } from "../sessions/open-session.ts";
import { findAccountByLogin, lockAccount } from "../store/accounts.ts";
import { setPasswordHash } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** Whether the name or the password was wrong is not told, by the answer or by its time. */
export const login = (kit: AuthKit) =>
  defineMethod({
    name: "auth.login",
    ...authWire.methods["auth.login"],
    summary:
      "Signs in by username or email address and password, with a code if an app is enrolled.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [invalidCredentials, otpRequired, invalidCode, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { username, secret, otp } = call.input;
      const account = await call.work.single((tx) => findAccountByLogin(tx, username));
      const target = account ?? { name: username };
      const attempt = await beginAttempt(call, target);
      const passwordHash = account?.passwordHash ?? null;
      const isRight = await kit.passwords.verify(passwordHash, secret, call.signal);
      if (account === null || passwordHash === null || !isRight) {
        await failAttempt(kit, call, target, attempt);
        throw invalidCredentials();
      }
      const needsCode = account.totpSecret !== null;
      if (needsCode && otp === undefined) {
        await dropAttempt(call, attempt);
        throw otpRequired();
      }
      const proof =
        needsCode && otp !== undefined
          ? await judgeCode(kit, call, account, { attempt, code: otp })
          : null;
      const rehashed = kit.passwords.isOutdated(passwordHash)
        ? await kit.passwords.hash(secret, call.signal)
        : null;
      return { account, attempt, proof, rehashed };
    },
    async handle({ prepared: { account, attempt, proof, rehashed }, ...call }) {
      const locked = await lockAccount(call.tx, account.id);
      if (!isUnchanged(account, locked)) throw invalidCredentials();
      if (proof !== null) await useCode(kit, call, locked, proof);
      if (rehashed !== null) await setPasswordHash(call.tx, account.id, rehashed);
      await passAttempt(call.tx, attempt);
      return openSession(kit, call, account.id);
    },
  });
