import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Member } from "../types.ts";

type Row = Omit<Member, "read_sequence"> & { conversation_id: string; read_sequence: bigint };

/** The present members with their keys, in the order in which they came. */
export async function listMembers(tx: Tx, conversationId: string): Promise<Member[]> {
  const { rows } = await sql<Row>`
    select member.account_id as user_id, member.owner, member.epoch_joined as joined_epoch,
      account.identity_public_key, key.public_key, key.version as key_version, key.signature,
      case when coalesce(profile.read_markers and not profile.hidden, true)
        then member.read_sequence else 0 end as read_sequence
    from chat_members as member
    left join chat_account_keys as account on account.account_id = member.account_id
    left join chat_encryption_keys as key on key.conversation_id = member.conversation_id
      and key.account_id = member.account_id and key.version = member.key_version
    left join chat_profiles as profile on profile.account_id = member.account_id
    where member.conversation_id = ${conversationId} and member.epoch_left is null
    order by member.epoch_joined, member.owner desc, member.account_id
  `.execute(tx.as());
  return rows.map((row) => ({ ...row, read_sequence: Number(row.read_sequence) }));
}

/** The present members of each of the conversations. */
export async function listMemberIds(
  tx: Tx,
  conversationIds: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; members: string[] }>`
    select conversation_id as id,
      array_agg(account_id::text order by epoch_joined, owner desc, account_id) as members
    from chat_members
    where conversation_id = any (${conversationIds}::uuid[]) and epoch_left is null
    group by conversation_id
  `.execute(tx.as());
  return new Map(rows.map(({ id, members }) => [id, members]));
}

/** Where a person stands in each of his conversations. */
export interface Stay {
  readonly conversationId: string;
  readonly owner: boolean;
  readonly epochJoined: number;
  readonly hasKey: boolean;
  readonly readSequence: number;
}

export async function listStays(tx: Tx, accountId: string): Promise<Map<string, Stay>> {
  const { rows } = await sql<Omit<Stay, "readSequence"> & { readSequence: bigint }>`
    select conversation_id as "conversationId", owner, epoch_joined as "epochJoined",
      key_prefix is not null as "hasKey", read_sequence as "readSequence"
    from chat_members where account_id = ${accountId} and epoch_left is null
  `.execute(tx.as());
  return new Map(
    rows.map((row) => [row.conversationId, { ...row, readSequence: Number(row.readSequence) }]),
  );
}

/** Of a locked conversation, which gets the epoch with this change. */
export async function insertMembers(
  tx: Tx,
  conversationId: string,
  accountIds: readonly string[],
  { epoch, ownerId }: { readonly epoch: number; readonly ownerId?: string },
): Promise<void> {
  await sql`
    insert into chat_members (conversation_id, account_id, epoch_joined, owner)
    select ${conversationId}, account_id, ${epoch},
      account_id is not distinct from ${ownerId ?? null}::uuid
    from unnest(${accountIds}::uuid[]) as account_id
  `.execute(tx.as());
}

/**
 * Of a locked conversation, which gets the epoch with this change. Who was there longest owns it
 * when its owner goes.
 */
export async function endStay(
  tx: Tx,
  conversationId: string,
  accountId: string,
  epoch: number,
): Promise<void> {
  await sql`
    with ended as (
      update chat_members set epoch_left = ${epoch}
      where conversation_id = ${conversationId} and account_id = ${accountId}
        and epoch_left is null
      returning owner
    )
    update chat_members set owner = true
    where (select owner from ended) and (conversation_id, account_id, epoch_joined) = (
      select conversation_id, account_id, epoch_joined from chat_members
      where conversation_id = ${conversationId} and account_id <> ${accountId}
        and epoch_left is null
      order by epoch_joined, account_id
      limit 1
    )
  `.execute(tx.as());
}

/**
 * Moves a person's read marker forward, never back.
 *
 * @returns where it is
 */
export async function moveReadMarker(
  tx: Tx,
  { conversationId, accountId }: { readonly conversationId: string; readonly accountId: string },
  { sequence, group }: { readonly sequence: number; readonly group: string },
): Promise<{ readonly sequence: number; readonly moved: boolean } | null> {
  const { rows } = await sql<{ before: bigint }>`
    update chat_members as member set
      read_group = case when ${sequence} > before then ${group}::uuid else read_group end,
      read_sequence = greatest(${sequence}, before)
    from (
      select read_sequence as before from chat_members
      where conversation_id = ${conversationId} and account_id = ${accountId}
        and epoch_left is null
      for no key update
    ) as locked
    where conversation_id = ${conversationId} and account_id = ${accountId}
      and epoch_left is null
    returning before
  `.execute(tx.as());
  const [row] = rows;
  if (row === undefined) return null;
  const before = Number(row.before);
  return { sequence: Math.max(sequence, before), moved: sequence > before };
}

/** Those of the people with whom the person shares a conversation, himself included. */
export async function findAcquainted(
  tx: Tx,
  accountId: string,
  others: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct other.account_id as id
    from chat_members as own
    join chat_members as other on other.conversation_id = own.conversation_id
      and other.epoch_left is null and other.account_id = any (${others}::uuid[])
    where own.account_id = ${accountId} and own.epoch_left is null
  `.execute(tx.as());
  return new Set([accountId, ...rows.map(({ id }) => id)]);
}

/** Everybody in the person's conversations, himself included. */
export async function listAcquainted(tx: Tx, accountId: string, max: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct other.account_id as id
    from chat_members as own
    join chat_members as other on other.conversation_id = own.conversation_id
      and other.epoch_left is null
    where own.account_id = ${accountId} and own.epoch_left is null
    limit ${max}
  `.execute(tx.as());
  const ids = new Set(rows.map(({ id }) => id));
  return [...ids.add(accountId)];
}

/** Those of the people who are in as many conversations as one person can be. */
export async function hasFullPerson(
  tx: Tx,
  accountIds: readonly string[],
  max: number,
): Promise<boolean> {
  const { rows } = await sql`
    select from chat_members
    where account_id = any (${accountIds}::uuid[]) and epoch_left is null
    group by account_id having count(*) >= ${max}
    limit 1
  `.execute(tx.as());
  return rows.length > 0;
}

/** Whether a member lets others see him type; null for who is none. */
export async function findTypist(
  tx: Tx,
  conversationId: string,
  accountId: string,
): Promise<{ readonly tells: boolean } | null> {
  const { rows } = await sql<{ tells: boolean }>`
    -- prepared: chat_find_typist
    select coalesce(profile.typing and not profile.hidden, true) as tells
    from chat_members as member
    left join chat_profiles as profile on profile.account_id = member.account_id
    where member.conversation_id = ${conversationId} and member.account_id = ${accountId}
      and member.epoch_left is null
  `.execute(tx.as());
  return rows[0] ?? null;
}
