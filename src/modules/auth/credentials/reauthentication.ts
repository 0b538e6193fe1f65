import type { Person } from "../../../core/actor.ts";
import type { Cancellation } from "../../../core/clock.ts";
import { passwordWrong, reauthenticationNeeded } from "../errors.ts";
import { isSignInFresh } from "../rules/sessions.ts";
import type { StoredAccount } from "../store/accounts.ts";
import type { AuthKit } from "../wiring/parts.ts";
import { type Attempt, beginAttempt, failAttempt, type Trier } from "./attempts.ts";

export interface Reauthentication extends Trier {
  readonly actor: Person;
  readonly signal: Cancellation;
}

/**
 * Somebody may have found a session left open: what changes a way in needs the password once more,
 * or a sign-in that was a moment ago (OWASP ASVS 7.5.1).
 *
 * @throws PASSWORD_WRONG, TOO_MANY_ATTEMPTS, REAUTHENTICATION_NEEDED
 */
export async function reauthenticate(
  kit: AuthKit,
  call: Reauthentication,
  account: StoredAccount,
  currentPassword: string | undefined,
): Promise<Attempt | null> {
  if (currentPassword === undefined || account.passwordHash === null) {
    requireFreshSignIn(call);
    return null;
  }
  const attempt = await beginAttempt(call, account);
  if (await kit.passwords.verify(account.passwordHash, currentPassword, call.signal)) {
    return attempt;
  }
  await failAttempt(kit, call, account, attempt);
  throw passwordWrong();
}

/** @throws REAUTHENTICATION_NEEDED */
export function requireFreshSignIn({ actor, clock }: Pick<Reauthentication, "actor" | "clock">) {
  if (!isSignInFresh(actor.signedInAtMs, clock.nowMs())) throw reauthenticationNeeded();
}
