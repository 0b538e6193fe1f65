import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

/** A password is another one: all access tokens are void from here on. */
export async function setPassword(tx: Tx, accountId: string, passwordHash: string): Promise<void> {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ password_hash: passwordHash, token_epoch: sql`token_epoch + 1` })
    .where("id", "=", accountId)
    .execute();
}

/** The same password, hashed with today's parameters. */
export async function setPasswordHash(tx: Tx, accountId: string, passwordHash: string) {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ password_hash: passwordHash })
    .where("id", "=", accountId)
    .execute();
}

export async function raiseTokenEpoch(tx: Tx, accountId: string): Promise<void> {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ token_epoch: sql`token_epoch + 1` })
    .where("id", "=", accountId)
    .execute();
}

export interface PendingTotp {
  /** Sealed. */
  readonly secret: string;
  readonly expiresAtMs: number;
}

export async function setPendingTotp(tx: Tx, accountId: string, pending: PendingTotp) {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({
      pending_totp_secret: pending.secret,
      pending_totp_expires_at: new Date(pending.expiresAtMs),
    })
    .where("id", "=", accountId)
    .execute();
}

/** @param step of the code that proved the secret, which is thereby used up */
export async function setTotp(tx: Tx, accountId: string, secret: string, step: number) {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({
      totp_secret: secret,
      totp_last_step: step,
      pending_totp_secret: null,
      pending_totp_expires_at: null,
    })
    .where("id", "=", accountId)
    .execute();
}

export async function removeTotp(tx: Tx, accountId: string): Promise<void> {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ totp_secret: null, totp_last_step: null, recovery_salt: null })
    .where("id", "=", accountId)
    .execute();
  await auth(tx).deleteFrom("auth_recovery_codes").where("account_id", "=", accountId).execute();
}

/**
 * Uses the code of a step up, compare-and-set: of any number of transactions that try it at once,
 * one succeeds. Codes of earlier steps are used up with it.
 */
export async function takeTotpStep(tx: Tx, accountId: string, step: number): Promise<boolean> {
  const taken = await auth(tx)
    .updateTable("auth_accounts")
    .set({ totp_last_step: step })
    .where("id", "=", accountId)
    .where("totp_secret", "is not", null)
    .where((builder) =>
      builder.or([builder("totp_last_step", "is", null), builder("totp_last_step", "<", step)]),
    )
    .returning("id")
    .executeTakeFirst();
  return taken !== undefined;
}

/** Takes the place of all earlier codes. */
export async function replaceRecoveryCodes(
  tx: Tx,
  accountId: string,
  codes: { readonly salt: Uint8Array; readonly hashes: readonly Uint8Array[] },
): Promise<void> {
  await auth(tx).deleteFrom("auth_recovery_codes").where("account_id", "=", accountId).execute();
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ recovery_salt: Buffer.from(codes.salt) })
    .where("id", "=", accountId)
    .execute();
  const rows = codes.hashes.map((hash) => ({
    account_id: accountId,
    code_hash: Buffer.from(hash),
  }));
  await auth(tx).insertInto("auth_recovery_codes").values(rows).execute();
}

export async function hasRecoveryCode(tx: Tx, accountId: string, hash: Uint8Array) {
  const row = await auth(tx)
    .selectFrom("auth_recovery_codes")
    .select("account_id")
    .where("account_id", "=", accountId)
    .where("code_hash", "=", Buffer.from(hash))
    .executeTakeFirst();
  return row !== undefined;
}

export interface OtherwiseSealed {
  readonly beginning: string;
  /** The last account of the page before. */
  readonly after: string;
  readonly rowsMax: number;
}

/** Accounts whose app's secret does not begin like this, a page of them in order of their ids. */
export async function listOtherwiseSealed(tx: Tx, page: OtherwiseSealed): Promise<string[]> {
  const { beginning, after, rowsMax } = page;
  const { rows } = await sql<{ id: string }>`
    select id from auth_accounts
    where id > ${after} and totp_secret is not null
      and left(totp_secret, ${beginning.length}::int) <> ${beginning}
    order by id
    limit ${rowsMax}
  `.execute(auth(tx));
  return rows.map(({ id }) => id);
}

/** The same secret, sealed anew. */
export async function setTotpSecret(tx: Tx, accountId: string, secret: string): Promise<void> {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ totp_secret: secret })
    .where("id", "=", accountId)
    .execute();
}

/** Uses a recovery code up; false when somebody was faster. */
export async function takeRecoveryCode(tx: Tx, accountId: string, hash: Uint8Array) {
  const taken = await auth(tx)
    .deleteFrom("auth_recovery_codes")
    .where("account_id", "=", accountId)
    .where("code_hash", "=", Buffer.from(hash))
    .returning("account_id")
    .executeTakeFirst();
  return taken !== undefined;
}
