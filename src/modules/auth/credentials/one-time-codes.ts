import type { Cancellation } from "../../../core/clock.ts";
import { invalidCode } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { type Act, recordSecurityEvent } from "../notices/security-events.ts";
import { NOBODY } from "../rules/names.ts";
import type { StoredAccount } from "../store/accounts.ts";
import { hasRecoveryCode, takeRecoveryCode, takeTotpStep } from "../store/credentials.ts";
import type { AuthKit } from "../wiring/parts.ts";
import { type Attempt, failAttempt, type Trier } from "./attempts.ts";
import { SALT_BYTES } from "./hasher.ts";
import { normaliseRecoveryCode } from "./recovery-codes.ts";
import { places } from "./tokens.ts";
import { matchTotp } from "./totp.ts";

/** A code that is right, and not used up yet. */
export type CodeProof =
  | { readonly kind: "totp"; readonly step: number }
  | { readonly kind: "recovery"; readonly hash: Uint8Array };

export interface CodeTrier extends Trier {
  readonly signal: Cancellation;
}

const SIX_DIGITS = /^\d{6}$/;

/**
 * Judges a code of the app, or a recovery code, as (a part of) an attempt that has begun.
 *
 * @throws INVALID_CODE when it is wrong or was used before; the attempt is then counted as failed
 */
export async function judgeCode(
  kit: AuthKit,
  trier: CodeTrier,
  account: StoredAccount,
  { attempt, code }: { readonly attempt: Attempt; readonly code: string },
): Promise<CodeProof> {
  const judge = SIX_DIGITS.test(code) ? judgeTotp : judgeRecoveryCode;
  const proof = await judge(kit, trier, account, code);
  if (proof !== null) return proof;
  await failAttempt(kit, trier, account, attempt);
  throw invalidCode();
}

/** What judging a code costs, where there is nothing to hold it against: time tells nothing. */
export async function judgeInVain(kit: AuthKit, trier: CodeTrier, code: string): Promise<void> {
  if (!SIX_DIGITS.test(code)) await judgeRecoveryCode(kit, trier, WITHOUT_CODES, code);
}

const WITHOUT_CODES = { id: NOBODY, recoverySalt: new Uint8Array(SALT_BYTES) };

async function judgeTotp(
  { vault }: AuthKit,
  { clock }: CodeTrier,
  { id, totpSecret, totpLastStep }: StoredAccount,
  code: string,
): Promise<CodeProof | null> {
  if (totpSecret === null) return null;
  const step = matchTotp(vault.open(totpSecret, places.totpSecret(id)), code, clock.nowMs());
  if (step === null || step <= (totpLastStep ?? 0)) return null;
  return { kind: "totp", step };
}

async function judgeRecoveryCode(
  { passwords }: AuthKit,
  { work, signal }: CodeTrier,
  { id, recoverySalt }: Pick<StoredAccount, "id" | "recoverySalt">,
  code: string,
): Promise<CodeProof | null> {
  if (recoverySalt === null) return null;
  const hash = await passwords.derive(normaliseRecoveryCode(code), recoverySalt, signal);
  const isThere = await work.single((tx) => hasRecoveryCode(tx, id, hash), signal);
  return isThere ? { kind: "recovery", hash } : null;
}

/**
 * Uses a code up. Of calls that come with the same code at once, one gets past this.
 *
 * @throws INVALID_CODE when it has been used since it was judged
 */
export async function useCode(
  kit: AuthKit,
  act: Act,
  account: StoredAccount,
  proof: CodeProof,
): Promise<void> {
  if (proof.kind === "totp") {
    if (!(await takeTotpStep(act.tx, account.id, proof.step))) throw invalidCode();
    return;
  }
  if (!(await takeRecoveryCode(act.tx, account.id, proof.hash))) throw invalidCode();
  await recordSecurityEvent(kit, act, account, "recovery_code_used");
  await tellAccountChanged(act, account.id);
}
