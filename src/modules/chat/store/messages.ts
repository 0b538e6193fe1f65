import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Message } from "../types.ts";
import type { Copy } from "./sending.ts";

/** Times and numbers as the database has them. */
interface Row
  extends Omit<Message, "inserted_at" | "updated_at" | "expires_at" | "sequence" | "changed"> {
  readonly inserted_at: Date;
  readonly updated_at: Date;
  readonly expires_at: Date | null;
  readonly sequence: bigint;
  readonly changed: bigint;
}

const COLUMNS = sql`
  copy.id, groups.sender_id as sender, copy.content, groups.inserted_at, groups.updated_at,
  groups.id as message_group, groups.conversation_id as conversation, groups.epoch,
  groups.commitment, copy.key_version, groups.edit, groups.sequence, groups.changed,
  groups.deleted, groups.expires_at
`;

function toMessage(row: Row): Message {
  return {
    ...row,
    inserted_at: row.inserted_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    sequence: Number(row.sequence),
    changed: Number(row.changed),
  };
}

/** Whose copies, of which conversation. */
interface Reader {
  readonly conversationId: string;
  readonly accountId: string;
  readonly nowMs: number;
}

/**
 * The reader's copies before a place, the newest first. It walks the copies' own key, so that the
 * deepest page costs what the first does.
 */
export async function listMessages(
  tx: Tx,
  { conversationId, accountId, nowMs }: Reader,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<Message[]> {
  const { rows } = await sql<Row>`
    -- prepared: chat_list_messages
    select ${COLUMNS}
    from chat_messages as copy
    cross join lateral (
      select * from chat_message_groups as one
      where one.conversation_id = copy.conversation_id and one.sequence = copy.sequence
      offset 0
    ) as groups
    where copy.conversation_id = ${conversationId} and copy.recipient_id = ${accountId}
      and copy.sequence < ${before}
      and (groups.expires_at is null or groups.expires_at > ${new Date(nowMs)})
    order by copy.sequence desc
    limit ${limit}
  `.execute(tx.as());
  return rows.map(toMessage);
}

/** What is new or changed since a change, in the order of the changes. */
export async function listChanged(
  tx: Tx,
  { conversationId, accountId, nowMs }: Reader,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Message[]> {
  const { rows } = await sql<Row>`
    select * from (
      (
        select ${COLUMNS} from chat_messages as copy
        join chat_message_groups as groups on groups.conversation_id = copy.conversation_id
          and groups.sequence = copy.sequence
        where copy.conversation_id = ${conversationId} and copy.recipient_id = ${accountId}
          and copy.sequence > ${after}
        order by copy.sequence limit ${limit}
      )
      union all
      (
        select ${COLUMNS} from chat_message_groups as groups
        join chat_messages as copy on copy.conversation_id = groups.conversation_id
          and copy.sequence = groups.sequence
        where groups.conversation_id = ${conversationId} and copy.recipient_id = ${accountId}
          and groups.changed > groups.sequence and groups.changed > ${after}
          and groups.sequence <= ${after}
        order by groups.changed limit ${limit}
      )
    ) as message
    where expires_at is null or expires_at > ${new Date(nowMs)}
    order by changed
    limit ${limit}
  `.execute(tx.as());
  return rows.map(toMessage);
}

/** A message as those see it who may change it or speak of it. */
export interface StoredMessage {
  readonly senderId: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly changed: number;
  readonly edit: number;
  readonly commitment: string;
  readonly deleted: boolean;
  readonly insertedAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date | null;
}

/** Null for whom no copy of it was made, and once it has disappeared. */
export async function findMessage(
  tx: Tx,
  { conversationId, accountId, nowMs }: Reader,
  group: string,
): Promise<StoredMessage | null> {
  const { rows } = await sql<
    Omit<StoredMessage, "sequence" | "changed"> & { sequence: bigint; changed: bigint }
  >`
    select groups.sender_id as "senderId", groups.epoch, groups.sequence, groups.changed,
      groups.edit, groups.commitment, groups.deleted, groups.inserted_at as "insertedAt",
      groups.updated_at as "updatedAt", groups.expires_at as "expiresAt"
    from chat_message_groups as groups
    join chat_messages as copy on copy.conversation_id = groups.conversation_id
      and copy.recipient_id = ${accountId} and copy.sequence = groups.sequence
    where groups.conversation_id = ${conversationId} and groups.id = ${group}
      and (groups.expires_at is null or groups.expires_at > ${new Date(nowMs)})
  `.execute(tx.as());
  const [row] = rows;
  return row === undefined
    ? null
    : { ...row, sequence: Number(row.sequence), changed: Number(row.changed) };
}

/** The members of today who have a copy, with their keys. */
export async function listRecipients(tx: Tx, conversationId: string, sequence: number) {
  const { rows } = await sql<{
    accountId: string;
    keyVersion: number | null;
    keyPrefix: string | null;
  }>`
    select account_id as "accountId", member.key_version as "keyVersion",
      key_prefix as "keyPrefix"
    from chat_members as member
    join chat_messages as copy on copy.conversation_id = member.conversation_id
      and copy.recipient_id = member.account_id and copy.sequence = ${sequence}
    where member.conversation_id = ${conversationId} and epoch_left is null
  `.execute(tx.as());
  return rows;
}

interface Change {
  readonly conversationId: string;
  readonly group: string;
  readonly sequence: number;
  readonly changed: number;
  readonly nowMs: number;
}

/**
 * Puts new ciphertexts in the place of the old ones. Copies of those who are no longer members are
 * destroyed: they would say something else than the others'. The conversation is locked.
 */
export async function replaceCopies(
  tx: Tx,
  { conversationId, group, sequence, changed, nowMs }: Change,
  { edit, commitment }: { readonly edit: number; readonly commitment: string },
  copies: readonly Omit<Copy, "id">[],
): Promise<void> {
  await sql`
    with edited as (
      update chat_message_groups set edit = ${edit}, commitment = ${commitment},
        changed = ${changed}, updated_at = ${new Date(nowMs)}
      where conversation_id = ${conversationId} and id = ${group}
    ), given as (
      select * from unnest(
        ${copies.map(({ recipientId }) => recipientId)}::uuid[],
        ${copies.map(({ keyVersion }) => keyVersion)}::integer[],
        ${copies.map(({ content }) => content)}::text[]
      ) as given (recipient_id, key_version, content)
    ), destroyed as (
      delete from chat_messages
      where conversation_id = ${conversationId} and sequence = ${sequence}
        and recipient_id in (
          select account_id from chat_members where conversation_id = ${conversationId}
        )
        and recipient_id not in (select recipient_id from given)
    )
    update chat_messages as copy set key_version = given.key_version, content = given.content
    from given
    where copy.conversation_id = ${conversationId} and copy.sequence = ${sequence}
      and copy.recipient_id = given.recipient_id
  `.execute(tx.as());
}

/** Destroys the ciphertexts and leaves the places. The conversation is locked. */
export async function destroyCopies(
  tx: Tx,
  { conversationId, group, sequence, changed, nowMs }: Change,
): Promise<void> {
  await sql`
    with deleted as (
      update chat_message_groups set deleted = true, changed = ${changed},
        updated_at = ${new Date(nowMs)}
      where conversation_id = ${conversationId} and id = ${group}
    )
    update chat_messages set content = ''
    where conversation_id = ${conversationId} and sequence = ${sequence}
      and recipient_id in (
        select account_id from chat_members where conversation_id = ${conversationId}
      )
  `.execute(tx.as());
}

/** Copies by their recipients: what an event of the message encloses. */
export interface CopyNow extends Pick<Row, "commitment" | "edit" | "deleted"> {
  readonly group: string;
  readonly recipientId: string;
  readonly id: string;
  readonly content: string;
  readonly keyVersion: number;
  readonly changed: bigint;
  readonly updatedAt: Date;
}

/** Of messages that have not disappeared. */
export async function listCopies(
  tx: Tx,
  conversationId: string,
  groups: readonly string[],
): Promise<CopyNow[]> {
  const { rows } = await sql<CopyNow>`
    select groups.id as "group", copy.recipient_id as "recipientId", copy.id, copy.content,
      copy.key_version as "keyVersion", groups.commitment, groups.edit, groups.deleted,
      groups.changed, groups.updated_at as "updatedAt"
    from chat_message_groups as groups
    join chat_messages as copy on copy.conversation_id = groups.conversation_id
      and copy.sequence = groups.sequence
      and copy.recipient_id in (
        select account_id from chat_members where conversation_id = ${conversationId}
      )
    where groups.conversation_id = ${conversationId} and groups.id = any (${groups}::uuid[])
  `.execute(tx.as());
  return rows;
}

/** Deletes messages whose time is over, with all that was kept of them; answers how many. */
export async function deleteExpired(tx: Tx, nowMs: number, max: number): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    with expired as (
      delete from chat_message_groups where (conversation_id, id) in (
        select conversation_id, id from chat_message_groups
        where expires_at <= ${new Date(nowMs)}
        order by expires_at
        limit ${max}
        for update skip locked
      )
      returning conversation_id, sequence
    ), copies as (
      delete from chat_messages as copy
      using expired, chat_members as member
      where member.conversation_id = expired.conversation_id
        and copy.conversation_id = expired.conversation_id
        and copy.recipient_id = member.account_id
        and copy.sequence = expired.sequence
    )
    select count(*) from expired
  `.execute(tx.as());
  return Number(rows[0]?.count ?? 0n);
}
