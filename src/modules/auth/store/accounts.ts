import { type ExpressionBuilder, type Selectable, sql } from "kysely";
import { type Tx, violatedConstraint } from "../../../core/database.ts";
import type { ErrorDefinition } from "../../../core/errors.ts";
import { challengeInvalid, emailTaken, usernameTaken } from "../errors.ts";
import { isEmailLike, nameKey } from "../rules/names.ts";
import type { Account } from "../types.ts";
import { type AuthTables, auth } from "./tables.ts";

/** An account as the module sees it. What is secret is hashed or sealed. */
export interface StoredAccount {
  readonly id: string;
  readonly number: number;
  readonly username: string | null;
  readonly email: string | null;
  readonly emailConfirmed: boolean;
  readonly displayName: string;
  readonly description: string;
  readonly operator: boolean;
  readonly passwordHash: string | null;
  readonly totpSecret: string | null;
  readonly totpLastStep: number | null;
  readonly recoverySalt: Uint8Array | null;
  readonly recoveryCodesLeft: number;
  readonly pendingTotpSecret: string | null;
  readonly pendingTotpExpiresAtMs: number;
  readonly tokenEpoch: number;
  readonly createdAtMs: number;
}

export interface NewAccount {
  readonly id: string;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly displayName: string;
  readonly passwordHash?: string;
  /** Sealed, with the step of the code that proved it, and the challenge it came from. */
  readonly totp?: { readonly secret: string; readonly step: number; readonly challengeId: string };
  readonly createdAtMs: number;
}

/** What the account's owner is shown. */
export function accountView(account: StoredAccount): Account {
  return {
    id: account.id,
    number: account.number,
    username: account.username,
    email: account.email,
    emailConfirmed: account.emailConfirmed,
    displayName: account.displayName,
    description: account.description,
    operator: account.operator,
    hasPassword: account.passwordHash !== null,
    hasTotp: account.totpSecret !== null,
    recoveryCodesLeft: account.recoveryCodesLeft,
    createdAtMs: account.createdAtMs,
  };
}

export async function findAccount(tx: Tx, id: string): Promise<StoredAccount | null> {
  const row = await accounts(tx).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toAccount(row);
}

/** @throws Error when there is none: accounts are not deleted */
export async function getAccount(tx: Tx, id: string): Promise<StoredAccount> {
  return toAccount(await accounts(tx).where("id", "=", id).executeTakeFirstOrThrow());
}

/**
 * Every change of an account and of what hangs on it begins with this lock, so that two changes
 * follow each other, and none waits for another in a circle.
 */
export async function lockAccount(tx: Tx, id: string): Promise<StoredAccount> {
  const row = await accounts(tx).where("id", "=", id).forNoKeyUpdate().executeTakeFirstOrThrow();
  return toAccount(row);
}

/** @param login a username or an email address, as typed */
export async function findAccountByLogin(tx: Tx, login: string): Promise<StoredAccount | null> {
  const column = isEmailLike(login) ? "email_key" : "username_key";
  const row = await accounts(tx).where(column, "=", nameKey(login)).executeTakeFirst();
  return row === undefined ? null : toAccount(row);
}

export async function findAccountByEmailKey(tx: Tx, key: string): Promise<StoredAccount | null> {
  const row = await accounts(tx).where("email_key", "=", key).executeTakeFirst();
  return row === undefined ? null : toAccount(row);
}

export async function hasAccounts(tx: Tx): Promise<boolean> {
  const row = await auth(tx).selectFrom("auth_accounts").select("id").limit(1).executeTakeFirst();
  return row !== undefined;
}

/** @throws USERNAME_TAKEN, EMAIL_TAKEN, CHALLENGE_INVALID when the challenge was used */
export async function insertAccount(tx: Tx, account: NewAccount): Promise<void> {
  const { username, email, totp } = account;
  await refusingTaken(() =>
    auth(tx)
      .insertInto("auth_accounts")
      .values({
        id: account.id,
        username: username ?? null,
        username_key: username === undefined ? null : nameKey(username),
        email: email ?? null,
        email_key: email === undefined ? null : nameKey(email),
        email_confirmed: false,
        display_name: account.displayName,
        description: "",
        operator: false,
        password_hash: account.passwordHash ?? null,
        totp_secret: totp?.secret ?? null,
        totp_last_step: totp?.step ?? null,
        challenge_id: totp?.challengeId ?? null,
        token_epoch: 0,
        created_at: new Date(account.createdAtMs),
      })
      .execute(),
  );
}

export interface ProfileChange {
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
}

/** @throws USERNAME_TAKEN */
export async function updateProfile(tx: Tx, id: string, change: ProfileChange): Promise<void> {
  const { username, displayName, description } = change;
  const columns = {
    ...(username === undefined ? {} : { username, username_key: nameKey(username) }),
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(description === undefined ? {} : { description }),
  };
  if (Object.keys(columns).length === 0) return;
  await refusingTaken(() =>
    auth(tx).updateTable("auth_accounts").set(columns).where("id", "=", id).execute(),
  );
}

/** The address is proved: a link that was mailed there came back. @throws EMAIL_TAKEN */
export function setConfirmedEmail(tx: Tx, id: string, email: string): Promise<void> {
  return setEmail(tx, id, { email, email_confirmed: true });
}

/** The address is what somebody typed. @throws EMAIL_TAKEN */
export function setUnconfirmedEmail(tx: Tx, id: string, email: string): Promise<void> {
  return setEmail(tx, id, { email, email_confirmed: false });
}

async function setEmail(
  tx: Tx,
  id: string,
  address: { readonly email: string; readonly email_confirmed: boolean },
): Promise<void> {
  const columns = { ...address, email_key: nameKey(address.email) };
  await refusingTaken(() =>
    auth(tx).updateTable("auth_accounts").set(columns).where("id", "=", id).execute(),
  );
}

/**
 * Takes an unconfirmed address away from the account that has it, if another one does: an account
 * that was called by nothing else is called by its id from then on. Answers whose it was.
 */
export async function releaseUnconfirmedEmail(
  tx: Tx,
  email: string,
  claimantId: string,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    update auth_accounts set email = null, email_key = null,
      username = coalesce(username, replace(id::text, '-', '')),
      username_key = coalesce(username_key, replace(id::text, '-', ''))
    where email_key = ${nameKey(email)} and not email_confirmed and id <> ${claimantId}
    returning id
  `.execute(auth(tx));
  return rows[0]?.id ?? null;
}

export async function setOperator(tx: Tx, id: string): Promise<void> {
  await auth(tx)
    .updateTable("auth_accounts")
    .set({ operator: true })
    .where("id", "=", id)
    .execute();
}

type Accounts = ExpressionBuilder<AuthTables, "auth_accounts">;

function accounts(tx: Tx) {
  return auth(tx)
    .selectFrom("auth_accounts")
    .selectAll("auth_accounts")
    .select((builder) => recoveryCodesLeft(builder).as("recovery_codes_left"));
}

function recoveryCodesLeft(builder: Accounts) {
  return builder
    .selectFrom("auth_recovery_codes")
    .select(({ fn }) => fn.countAll<bigint>().as("count"))
    .whereRef("auth_recovery_codes.account_id", "=", "auth_accounts.id");
}

type Row = Selectable<AuthTables["auth_accounts"]> & { recovery_codes_left: bigint | null };

function toAccount(row: Row): StoredAccount {
  return {
    id: row.id,
    number: row.number,
    username: row.username,
    email: row.email,
    emailConfirmed: row.email_confirmed,
    displayName: row.display_name,
    description: row.description,
    operator: row.operator,
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    totpLastStep: row.totp_last_step,
    recoverySalt: row.recovery_salt,
    recoveryCodesLeft: Number(row.recovery_codes_left ?? 0n),
    pendingTotpSecret: row.pending_totp_secret,
    pendingTotpExpiresAtMs: row.pending_totp_expires_at?.getTime() ?? 0,
    tokenEpoch: row.token_epoch,
    createdAtMs: row.created_at.getTime(),
  };
}

const TAKEN: Readonly<Record<string, ErrorDefinition<undefined>>> = {
  auth_accounts_username_unique: usernameTaken,
  auth_accounts_email_unique: emailTaken,
  auth_accounts_challenge_unique: challengeInvalid,
};

async function refusingTaken(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    const error = TAKEN[violatedConstraint(cause) ?? ""];
    throw error === undefined ? cause : error();
  }
}
