import { createHash } from "node:crypto";

/**
 * How a token of 256 random bits is kept: nobody can search 2^256, so a fast hash without a salt
 * is enough, and it can be looked up (OWASP ASVS 6.5.2).
 */
export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

/** Where a sealed value belongs: it does not open anywhere else. */
export const places = {
  totpSecret: (accountId: string) => `auth_accounts/${accountId}/totp_secret`,
  pendingTotpSecret: (accountId: string) => `auth_accounts/${accountId}/pending_totp_secret`,
  cookie: (sessionId: string) => `auth_sessions/${sessionId}/cookie_sealed`,
  successor: (tokenHash: Uint8Array) =>
    `auth_refresh_tokens/${Buffer.from(tokenHash).toString("hex")}/successor_sealed`,
  /** Not kept in a table: a client carries it to and fro. */
  challenge: "auth/challenge",
};
