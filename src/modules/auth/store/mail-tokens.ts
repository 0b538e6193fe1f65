import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { MailPurpose } from "../types.ts";
import { auth } from "./tables.ts";

export interface StoredMailToken {
  readonly accountId: string;
  readonly purpose: MailPurpose;
  /** The address that the link proves. */
  readonly email: string;
  readonly expiresAtMs: number;
}

/** Takes the place of an earlier token of the same purpose. */
export async function putMailToken(tx: Tx, tokenHash: Uint8Array, token: StoredMailToken) {
  await sql`
    insert into auth_mail_tokens (token_hash, account_id, purpose, email, expires_at)
    values (${Buffer.from(tokenHash)}, ${token.accountId}, ${token.purpose}, ${token.email},
      ${new Date(token.expiresAtMs)})
    on conflict on constraint auth_mail_tokens_one_each do update set
      token_hash = excluded.token_hash, email = excluded.email, expires_at = excluded.expires_at
  `.execute(auth(tx));
}

/** Looks a token up and uses nothing up. Null when it is too old. */
export async function findMailToken(
  tx: Tx,
  tokenHash: Uint8Array,
  nowMs: number,
): Promise<StoredMailToken | null> {
  const row = await auth(tx)
    .selectFrom("auth_mail_tokens")
    .select(["account_id", "purpose", "email", "expires_at"])
    .where("token_hash", "=", Buffer.from(tokenHash))
    .where("expires_at", ">", new Date(nowMs))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    accountId: row.account_id,
    purpose: row.purpose,
    email: row.email,
    expiresAtMs: row.expires_at.getTime(),
  };
}

/** Uses a token up: of any number of transactions at once, one succeeds. */
export async function takeMailToken(tx: Tx, tokenHash: Uint8Array): Promise<boolean> {
  const taken = await auth(tx)
    .deleteFrom("auth_mail_tokens")
    .where("token_hash", "=", Buffer.from(tokenHash))
    .returning("account_id")
    .executeTakeFirst();
  return taken !== undefined;
}

/** After a change of password or address no link that was mailed before works. */
export async function deleteMailTokens(tx: Tx, accountId: string): Promise<void> {
  await auth(tx).deleteFrom("auth_mail_tokens").where("account_id", "=", accountId).execute();
}

/** The same row for an address that somebody has and for one that nobody has. */
export async function putResetRequest(tx: Tx, emailKey: string, nowMs: number): Promise<void> {
  await auth(tx)
    .insertInto("auth_reset_requests")
    .values({ email_key: emailKey, requested_at: new Date(nowMs) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes the oldest requests out; answers their addresses. */
export async function takeResetRequests(tx: Tx, rowsMax: number): Promise<string[]> {
  const { rows } = await sql<{ email_key: string }>`
    delete from auth_reset_requests where email_key in (
      select email_key from auth_reset_requests
      order by requested_at limit ${rowsMax} for update skip locked
    )
    returning email_key
  `.execute(auth(tx));
  return rows.map(({ email_key }) => email_key);
}
