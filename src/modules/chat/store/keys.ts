import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { chat } from "./tables.ts";

export interface StoredAccountKeys {
  readonly version: number;
  readonly identityPublicKey: string;
  readonly wrapsSealed: string;
}

export async function findAccountKeys(
  tx: Tx,
  accountId: string,
): Promise<StoredAccountKeys | null> {
  const row = await chat(tx)
    .selectFrom("chat_account_keys")
    .select(["version", "identity_public_key", "wraps_sealed"])
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { version, identity_public_key: identityPublicKey, wraps_sealed: wrapsSealed } = row;
  return { version, identityPublicKey, wrapsSealed };
}

/** @returns false when the version before is not there, or this one is already */
export async function saveAccountKeys(
  tx: Tx,
  accountId: string,
  { version, identityPublicKey, wrapsSealed }: StoredAccountKeys,
): Promise<boolean> {
  const { numAffectedRows } = await (version === 1
    ? sql`
        insert into chat_account_keys (account_id, version, identity_public_key, wraps_sealed)
        values (${accountId}, ${version}, ${identityPublicKey}, ${wrapsSealed})
        on conflict do nothing
      `
    : sql`
        update chat_account_keys set version = ${version},
          identity_public_key = ${identityPublicKey}, wraps_sealed = ${wrapsSealed}
        where account_id = ${accountId} and version = ${version - 1}
      `
  ).execute(tx.as());
  return numAffectedRows === 1n;
}

export interface StoredKeys {
  readonly version: number;
  readonly publicKey: string;
  readonly privateKeySealed: string;
  readonly signature: string;
  readonly insertedAt: Date;
}

interface Place {
  readonly conversationId: string;
  readonly accountId: string;
}

/** Every pair that the member has set, the oldest first. */
export async function listKeys(tx: Tx, { conversationId, accountId }: Place, max: number) {
  const rows = await chat(tx)
    .selectFrom("chat_encryption_keys")
    .select([
      "version",
      "public_key as publicKey",
      "private_key_sealed as privateKeySealed",
      "signature",
      "inserted_at as insertedAt",
    ])
    .where("conversation_id", "=", conversationId)
    .where("account_id", "=", accountId)
    .orderBy("version")
    .limit(max)
    .execute();
  return rows satisfies readonly StoredKeys[];
}

/** The newest one, whether it is still in use or not. */
export async function findLastKey(tx: Tx, { conversationId, accountId }: Place) {
  const { rows } = await sql<{ version: number; publicKey: string; inUse: boolean }>`
    select version, public_key as "publicKey", exists (
      select from chat_members as member where member.conversation_id = ${conversationId}
        and member.account_id = ${accountId} and member.epoch_left is null
        and member.key_version = version
    ) as "inUse"
    from chat_encryption_keys
    where conversation_id = ${conversationId} and account_id = ${accountId}
    order by version desc
    limit 1
  `.execute(tx.as());
  return rows[0] ?? null;
}

/** The member's key from now on; the conversation is locked. */
export async function insertKey(
  tx: Tx,
  { conversationId, accountId }: Place,
  { version, publicKey, privateKeySealed, signature, insertedAt }: StoredKeys,
  keyPrefix: string,
): Promise<void> {
  await sql`
    with inserted as (
      insert into chat_encryption_keys
        (conversation_id, account_id, version, public_key, private_key_sealed, signature,
          inserted_at)
      values (${conversationId}, ${accountId}, ${version}, ${publicKey}, ${privateKeySealed},
        ${signature}, ${insertedAt})
    )
    update chat_members set key_version = ${version}, key_prefix = ${keyPrefix}
    where conversation_id = ${conversationId} and account_id = ${accountId}
      and epoch_left is null
  `.execute(tx.as());
}

/**
 * Takes all of the person's keys out of use, as another identity has signed them.
 *
 * @returns the conversations that wait for a key now
 */
export async function retireKeys(tx: Tx, accountId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with retired as (
      update chat_members set key_version = null, key_prefix = null
      where account_id = ${accountId} and epoch_left is null and key_prefix is not null
      returning conversation_id
    )
    update chat_conversations set ready = false, revision = revision + 1
    where id in (select conversation_id from retired)
    returning id
  `.execute(tx.as());
  return rows.map(({ id }) => id);
}

/** The version of the newest key of each of the people; of some of them there may be none. */
export async function findLastKeyVersions(
  tx: Tx,
  conversationId: string,
  accountIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; version: number }>`
    select account_id as id, max(version) as version from chat_encryption_keys
    where conversation_id = ${conversationId} and account_id = any (${accountIds}::uuid[])
    group by account_id
  `.execute(tx.as());
  return new Map(rows.map(({ id, version }) => [id, version]));
}
