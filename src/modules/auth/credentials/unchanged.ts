import type { StoredAccount } from "../store/accounts.ts";

/**
 * Whether what a person proved before the transaction is still what the account asks for: no
 * sign-in slips through while a password changes or an app is enrolled.
 */
export function isUnchanged(before: StoredAccount, now: StoredAccount): boolean {
  return (
    before.tokenEpoch === now.tokenEpoch &&
    before.passwordHash === now.passwordHash &&
    before.totpSecret === now.totpSecret
  );
}
