import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/** A conversation as the module sees it. */
export interface StoredConversation {
  readonly id: string;
  readonly private: boolean;
  readonly alias: string | null;
  readonly epoch: number;
  readonly ready: boolean;
  readonly disappearingSeconds: number | null;
  readonly lastSequence: number;
  readonly lastChanged: number;
  readonly insertedAt: Date;
  readonly updatedAt: Date;
}

interface Row extends Omit<StoredConversation, "lastSequence" | "lastChanged"> {
  readonly lastSequence: bigint;
  readonly lastChanged: bigint;
}

const COLUMNS = sql`
  conversation.id, conversation.private, conversation.alias, conversation.epoch,
  conversation.ready, conversation.disappearing_seconds as "disappearingSeconds",
  conversation.last_sequence as "lastSequence", conversation.last_changed as "lastChanged",
  conversation.inserted_at as "insertedAt", conversation.updated_at as "updatedAt"
`;

function toConversation(row: Row): StoredConversation {
  return {
    ...row,
    lastSequence: Number(row.lastSequence),
    lastChanged: Number(row.lastChanged),
  };
}

export interface NewConversation {
  readonly id: string;
  /** The two of a private one, in any order. */
  readonly pair: readonly [string, string] | null;
  readonly alias: string | null;
  readonly nowMs: number;
}

/**
 * Waits for whoever is making the private conversation of the same two at the moment.
 *
 * @returns null when the two have one
 */
export async function insertConversation(
  tx: Tx,
  { id, pair, alias, nowMs }: NewConversation,
): Promise<StoredConversation | null> {
  const [first = null, second = null] = pair === null ? [] : pair.toSorted();
  const { rows } = await sql<Row>`
    insert into chat_conversations as conversation
      (id, private, first_id, second_id, alias, inserted_at, updated_at)
    values (
      ${id}, ${pair !== null}, ${first}, ${second}, ${alias},
      ${new Date(nowMs)}, ${new Date(nowMs)}
    )
    on conflict (first_id, second_id) do nothing
    returning ${COLUMNS}
  `.execute(tx.as());
  return rows[0] === undefined ? null : toConversation(rows[0]);
}

export async function findPrivateConversation(
  tx: Tx,
  pair: readonly [string, string],
): Promise<StoredConversation | null> {
  const [first, second] = pair.toSorted();
  const { rows } = await sql<Row>`
    select ${COLUMNS} from chat_conversations as conversation
    where first_id = ${first} and second_id = ${second}
  `.execute(tx.as());
  return rows[0] === undefined ? null : toConversation(rows[0]);
}

/** Null for who is no member at present. */
export async function findConversationOf(
  tx: Tx,
  conversationId: string,
  accountId: string,
): Promise<StoredConversation | null> {
  const { rows } = await sql<Row>`
    select ${COLUMNS} from chat_conversations as conversation
    where conversation.id = ${conversationId} and exists (
      select from chat_members as member where member.conversation_id = conversation.id
        and member.account_id = ${accountId} and member.epoch_left is null
    )
  `.execute(tx.as());
  return rows[0] === undefined ? null : toConversation(rows[0]);
}

/**
 * Everything that changes a conversation, its members, their keys or a message begins with this
 * lock; so changes of one conversation follow each other. Null for who is no member by then.
 */
export async function lockConversation(
  tx: Tx,
  conversationId: string,
  accountId: string,
): Promise<StoredConversation | null> {
  await sql`
    select from chat_conversations where id = ${conversationId} for no key update
  `.execute(tx.as());
  // A statement of its own: it sees what was committed while the one above waited.
  return findConversationOf(tx, conversationId, accountId);
}

/** The person's conversations, the one with the latest change first. */
export async function listConversations(
  tx: Tx,
  accountId: string,
  max: number,
): Promise<StoredConversation[]> {
  const { rows } = await sql<Row>`
    select ${COLUMNS} from chat_members as member
    join chat_conversations as conversation on conversation.id = member.conversation_id
    where member.account_id = ${accountId} and member.epoch_left is null
    order by conversation.updated_at desc, conversation.id desc
    limit ${max}
  `.execute(tx.as());
  return rows.map(toConversation);
}

export interface ConversationChange {
  readonly alias?: string | null;
  readonly disappearingSeconds?: number | null;
  /** Members came or went. */
  readonly isNewEpoch?: boolean;
  /** Absent where it is nothing that people would call a change. */
  readonly nowMs?: number;
}

/** Of a locked conversation: whether it is ready is found out anew. */
export async function changeConversation(
  tx: Tx,
  id: string,
  change: ConversationChange,
): Promise<StoredConversation> {
  const { alias, disappearingSeconds, isNewEpoch = false, nowMs } = change;
  const { rows } = await sql<Row>`
    update chat_conversations as conversation set
      alias = case when ${alias !== undefined} then ${alias ?? null}::text else alias end,
      disappearing_seconds = case when ${disappearingSeconds !== undefined}
        then ${disappearingSeconds ?? null}::integer else disappearing_seconds end,
      epoch = epoch + ${isNewEpoch ? 1 : 0}::integer,
      revision = revision + 1,
      ready = not exists (
        select from chat_members as member where member.conversation_id = conversation.id
          and member.epoch_left is null and member.key_prefix is null
      ),
      updated_at = coalesce(
        ${nowMs === undefined ? null : new Date(nowMs)}::timestamptz, updated_at
      )
    where id = ${id}
    returning ${COLUMNS}
  `.execute(tx.as());
  const [row] = rows;
  if (row === undefined) throw new Error("Only a conversation that is there can be changed.");
  return toConversation(row);
}

/** Takes the next number for a change of a message of a locked conversation. */
export async function nextChange(tx: Tx, id: string): Promise<number> {
  const { rows } = await sql<{ changed: bigint }>`
    update chat_conversations set last_changed = last_changed + 1 where id = ${id}
    returning last_changed as changed
  `.execute(tx.as());
  return Number(rows[0]?.changed);
}

/** Whether one of the two of a private conversation has blocked the other. */
export async function isBlocked(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from chat_conversations as conversation
    join chat_blocks as block
      on (account_id, blocked_id) in ((first_id, second_id), (second_id, first_id))
    where conversation.id = ${id} and private
  `.execute(tx.as());
  return rows.length > 0;
}
