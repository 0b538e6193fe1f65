import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

export interface StoredEmailUndo {
  readonly accountId: string;
  /** The address that comes back. */
  readonly email: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export async function insertEmailUndo(tx: Tx, tokenHash: Uint8Array, undo: StoredEmailUndo) {
  await auth(tx)
    .insertInto("auth_email_undos")
    .values({
      token_hash: Buffer.from(tokenHash),
      account_id: undo.accountId,
      email: undo.email,
      created_at: new Date(undo.createdAtMs),
      expires_at: new Date(undo.expiresAtMs),
    })
    .execute();
}

/** Looks a token up and uses nothing up. Null when it is too old. */
export async function findEmailUndo(
  tx: Tx,
  tokenHash: Uint8Array,
  nowMs: number,
): Promise<StoredEmailUndo | null> {
  const row = await auth(tx)
    .selectFrom("auth_email_undos")
    .select(["account_id", "email", "created_at", "expires_at"])
    .where("token_hash", "=", Buffer.from(tokenHash))
    .where("expires_at", ">", new Date(nowMs))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    accountId: row.account_id,
    email: row.email,
    createdAtMs: row.created_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
  };
}

/**
 * Uses a way back up, and with it those to addresses that the account had later: what was changed
 * after the owner's address is not the owner's. Of any number of transactions, one succeeds.
 */
export async function takeEmailUndo(tx: Tx, tokenHash: Uint8Array, undo: StoredEmailUndo) {
  const taken = await auth(tx)
    .deleteFrom("auth_email_undos")
    .where("token_hash", "=", Buffer.from(tokenHash))
    .returning("account_id")
    .executeTakeFirst();
  if (taken === undefined) return false;
  await auth(tx)
    .deleteFrom("auth_email_undos")
    .where("account_id", "=", undo.accountId)
    .where("created_at", ">=", new Date(undo.createdAtMs))
    .execute();
  return true;
}
