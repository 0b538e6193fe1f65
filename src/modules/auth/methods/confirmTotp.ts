import { defineMethod } from "../../../core/method.ts";
import { beginAttempt, failAttempt, passAttempt } from "../credentials/attempts.ts";
import { newRecoveryCodes } from "../credentials/recovery-codes.ts";
import { places } from "../credentials/tokens.ts";
import { matchTotp } from "../credentials/totp.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import { enrolmentNotStarted, invalidCode, tooManyAttempts } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { replaceRecoveryCodes, setTotp } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

export const confirmTotp = (kit: AuthKit) =>
  defineMethod({
    name: "auth.confirmTotp",
    ...authWire.methods["auth.confirmTotp"],
    summary: "Ends the enrolment of an app with its first code; answers ten recovery codes, once.",
    access: "person",
    errors: [enrolmentNotStarted, invalidCode, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { accountId } = call.actor;
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      const { id, pendingTotpSecret, pendingTotpExpiresAtMs } = account;
      const nowMs = call.clock.nowMs();
      if (pendingTotpSecret === null || nowMs >= pendingTotpExpiresAtMs) {
        throw enrolmentNotStarted();
      }
      const attempt = await beginAttempt(call, account);
      const secret = kit.vault.open(pendingTotpSecret, places.pendingTotpSecret(id));
      const step = matchTotp(secret, call.input.code, nowMs);
      if (step === null) {
        await failAttempt(kit, call, account, attempt);
        throw invalidCode();
      }
      const recovery = await newRecoveryCodes(kit.random, kit.passwords, call.signal);
      return { account, attempt, secret, step, recovery };
    },
    async handle({ prepared: { account, attempt, secret, step, recovery }, ...call }) {
      const { tx } = call;
      const locked = await lockAccount(tx, account.id);
      const isSame = locked.pendingTotpSecret === account.pendingTotpSecret;
      if (!isSame || !isUnchanged(account, locked)) throw enrolmentNotStarted();
      await setTotp(tx, account.id, kit.vault.seal(secret, places.totpSecret(account.id)), step);
      await replaceRecoveryCodes(tx, account.id, recovery.hashed);
      await passAttempt(tx, attempt);
      await recordSecurityEvent(kit, call, locked, "totp_enrolled");
      await tellAccountChanged(call, account.id);
      return { recoveryCodes: [...recovery.codes] };
    },
  });
