import { defineMethod } from "../../../core/method.ts";
import { beginAttempt, passAttempt } from "../credentials/attempts.ts";
import { judgeCode, useCode } from "../credentials/one-time-codes.ts";
import { newRecoveryCodes as makeCodes } from "../credentials/recovery-codes.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import { invalidCode, tooManyAttempts, totpNotEnrolled } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { getAccount, lockAccount } from "../store/accounts.ts";
import { replaceRecoveryCodes } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

export const newRecoveryCodes = (kit: AuthKit) =>
  defineMethod({
    name: "auth.newRecoveryCodes",
    ...authWire.methods["auth.newRecoveryCodes"],
    summary: "Makes ten recovery codes, shown this once; the earlier ones are void.",
    access: "person",
    errors: [totpNotEnrolled, invalidCode, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { accountId } = call.actor;
      const account = await call.work.single((tx) => getAccount(tx, accountId));
      if (account.totpSecret === null) throw totpNotEnrolled();
      const attempt = await beginAttempt(call, account);
      const proof = await judgeCode(kit, call, account, { attempt, code: call.input.otp });
      const recovery = await makeCodes(kit.random, kit.passwords, call.signal);
      return { account, attempt, proof, recovery };
    },
    async handle({ prepared: { account, attempt, proof, recovery }, ...call }) {
      const { tx } = call;
      const locked = await lockAccount(tx, account.id);
      if (!isUnchanged(account, locked)) throw invalidCode();
      await useCode(kit, call, locked, proof);
      await replaceRecoveryCodes(tx, account.id, recovery.hashed);
      await passAttempt(tx, attempt);
      await recordSecurityEvent(kit, call, locked, "recovery_codes_made");
      await tellAccountChanged(call, account.id);
      return { recoveryCodes: [...recovery.codes] };
    },
  });
