import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/** What decides whether a message may be sent, and what was sent under the same names before. */
export interface Sendable {
  readonly id: string;
  readonly epoch: number;
  /** Whatever is decided holds as long as this stays the same. */
  readonly revision: number;
  readonly ready: boolean;
  readonly blocked: boolean;
  readonly disappearingSeconds: number | null;
  readonly members: readonly Recipient[];
  readonly earlier: readonly EarlierMessage[];
}

/** A present member. What is sealed for his key begins with the prefix. */
export interface Recipient {
  readonly accountId: string;
  readonly keyVersion: number | null;
  readonly keyPrefix: string | null;
}

export interface EarlierMessage {
  readonly group: string;
  /** Hex. */
  readonly fingerprint: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly insertedAt: Date;
}

type MemberColumns = [accountId: string, keyVersion: number | null, keyPrefix: string | null];
type EarlierColumns = [
  group: string,
  fingerprint: string,
  epoch: number,
  sequence: number,
  insertedAtMs: number,
];

/**
 * One statement, so that all of it is of one moment.
 *
 * @param groups of the messages that are to be sent, in any of the conversations
 */
export async function findSendable(
  tx: Tx,
  conversationIds: readonly string[],
  groups: readonly string[],
): Promise<Map<string, Sendable>> {
  const { rows } = await sql<
    Omit<Sendable, "members" | "earlier"> & {
      members: MemberColumns[];
      earlier: EarlierColumns[] | null;
    }
  >`
    -- prepared: chat_find_sendable
    select conversation.id, epoch, revision, ready,
      disappearing_seconds as "disappearingSeconds",
      private and exists (
        select from chat_blocks
        where (account_id, blocked_id) in ((first_id, second_id), (second_id, first_id))
      ) as blocked,
      (
        select json_agg(json_build_array(account_id, key_version, key_prefix)
          order by epoch_joined, owner desc, account_id)
        from chat_members as member
        where member.conversation_id = conversation.id and epoch_left is null
      ) as members,
      (
        select json_agg(json_build_array(earlier.id, encode(digest, 'hex'), earlier.epoch,
          sequence, (extract(epoch from earlier.inserted_at) * 1000)::bigint))
        from chat_message_groups as earlier
        where earlier.conversation_id = conversation.id and earlier.id = any (${groups}::uuid[])
      ) as earlier
    from chat_conversations as conversation
    where conversation.id = any (${conversationIds}::uuid[])
  `.execute(tx.as());
  return new Map(
    rows.map(({ members, earlier, ...row }) => [
      row.id,
      {
        ...row,
        members: (members ?? []).map(toRecipient),
        earlier: (earlier ?? []).map(toEarlier),
      },
    ]),
  );
}

function toRecipient([accountId, keyVersion, keyPrefix]: MemberColumns): Recipient {
  return { accountId, keyVersion, keyPrefix };
}

function toEarlier([group, fingerprint, epoch, sequence, atMs]: EarlierColumns): EarlierMessage {
  return { group, fingerprint, epoch, sequence, insertedAt: new Date(atMs) };
}

/** Keeps everybody else from changing these conversations until the transaction ends. */
export async function lockConversations(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    select from chat_conversations where id = any (${ids}::uuid[]) order by id
    for no key update
  `.execute(tx.as());
}

/** A message that may be sent, as long as its conversation is at this revision. */
export interface NewMessage {
  readonly conversationId: string;
  readonly revision: number;
  readonly group: string;
  readonly senderId: string;
  readonly epoch: number;
  readonly commitment: string;
  readonly fingerprint: string;
  readonly insertedAt: Date;
  readonly expiresAt: Date | null;
  readonly copies: readonly Copy[];
}

export interface Copy {
  readonly id: string;
  readonly recipientId: string;
  readonly keyVersion: number;
  readonly content: string;
}

/**
 * Writes messages and all their copies in one statement, and numbers them in the given order. Of a
 * conversation that is at another revision by now none is written.
 *
 * @returns the place of each message; undefined for those that were not written
 */
export async function insertMessages(
  tx: Tx,
  messages: readonly NewMessage[],
): Promise<ReadonlyArray<number | undefined>> {
  const copies = messages.flatMap((message, at) => message.copies.map((copy) => ({ copy, at })));
  const column = <T>(of: (message: NewMessage) => T) => messages.map(of);
  const { rows } = await sql<{ at: number; sequence: bigint }>`
    -- prepared: chat_insert_messages
    with given as (
      select *, row_number() over (partition by conversation_id order by at) as place
      from unnest(
        ${messages.map((_, at) => at)}::integer[],
        ${column((message) => message.conversationId)}::uuid[],
        ${column((message) => message.revision)}::integer[],
        ${column((message) => message.group)}::uuid[],
        ${column((message) => message.senderId)}::uuid[],
        ${column((message) => message.epoch)}::integer[],
        ${column((message) => message.commitment)}::text[],
        ${column((message) => message.fingerprint)}::text[],
        ${column((message) => message.insertedAt.toISOString())}::timestamptz[],
        ${column((message) => message.expiresAt?.toISOString() ?? null)}::timestamptz[]
      ) as given (at, conversation_id, revision, id, sender_id, epoch, commitment, digest,
        inserted_at, expires_at)
    ), counted as (
      select conversation_id, revision, count(*) as count, max(inserted_at) as inserted_at
      from given group by conversation_id, revision
    ), advanced as (
      update chat_conversations as conversation set
        last_changed = last_changed + count,
        last_sequence = last_changed + count,
        updated_at = counted.inserted_at
      from counted
      where conversation.id = counted.conversation_id
        and conversation.revision = counted.revision
      returning conversation.id, last_changed - count as before
    ), numbered as (
      select given.*, advanced.before + place as sequence
      from given join advanced on advanced.id = given.conversation_id
    ), groups as (
      insert into chat_message_groups (conversation_id, id, sequence, changed, sender_id, epoch,
        commitment, digest, inserted_at, updated_at, expires_at)
      select conversation_id, id, sequence, sequence, sender_id, epoch, commitment,
        decode(digest, 'hex'), inserted_at, inserted_at, expires_at
      from numbered
    ), copies as (
      insert into chat_messages
        (conversation_id, recipient_id, sequence, id, key_version, content)
      select conversation_id, recipient_id, sequence, copy.id, key_version, content
      from unnest(
        ${copies.map(({ at }) => at)}::integer[],
        ${copies.map(({ copy }) => copy.id)}::uuid[],
        ${copies.map(({ copy }) => copy.recipientId)}::uuid[],
        ${copies.map(({ copy }) => copy.keyVersion)}::integer[],
        ${copies.map(({ copy }) => copy.content)}::text[]
      ) as copy (at, id, recipient_id, key_version, content)
      join numbered using (at)
    )
    select at, sequence from numbered
  `.execute(tx.as());
  const sequences = new Map(rows.map(({ at, sequence }) => [at, Number(sequence)]));
  return messages.map((_, at) => sequences.get(at));
}
