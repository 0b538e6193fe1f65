import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

export interface StoredRefreshToken {
  readonly sessionId: string;
  readonly accountId: string;
  readonly usedAtMs: number | null;
  /** The token that came after it, sealed; null while it is unused. */
  readonly successorSealed: string | null;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
}

export async function insertRefreshToken(tx: Tx, tokenHash: Uint8Array, sessionId: string) {
  await auth(tx)
    .insertInto("auth_refresh_tokens")
    .values({ token_hash: Buffer.from(tokenHash), session_id: sessionId })
    .execute();
}

export async function findRefreshToken(
  tx: Tx,
  tokenHash: Uint8Array,
): Promise<StoredRefreshToken | null> {
  const row = await auth(tx)
    .selectFrom("auth_refresh_tokens")
    .innerJoin("auth_sessions", "auth_sessions.id", "auth_refresh_tokens.session_id")
    .select([
      "auth_refresh_tokens.session_id",
      "auth_refresh_tokens.used_at",
      "auth_refresh_tokens.successor_sealed",
      "auth_sessions.account_id",
      "auth_sessions.last_seen_at",
      "auth_sessions.expires_at",
    ])
    .where("token_hash", "=", Buffer.from(tokenHash))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    sessionId: row.session_id,
    accountId: row.account_id,
    usedAtMs: row.used_at?.getTime() ?? null,
    successorSealed: row.successor_sealed,
    lastSeenAtMs: row.last_seen_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
  };
}

/** Claims a token for its one use: of any number of transactions at once, one succeeds. */
export async function useRefreshToken(
  tx: Tx,
  tokenHash: Uint8Array,
  use: { readonly atMs: number; readonly successorSealed: string },
): Promise<boolean> {
  const used = await auth(tx)
    .updateTable("auth_refresh_tokens")
    .set({ used_at: new Date(use.atMs), successor_sealed: use.successorSealed })
    .where("token_hash", "=", Buffer.from(tokenHash))
    .where("used_at", "is", null)
    .returning("session_id")
    .executeTakeFirst();
  return used !== undefined;
}
