import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/** Where encrypted files are kept: for now, in the database. */

export interface StoredAttachment {
  readonly id: string;
  readonly conversationId: string;
  readonly accountId: string;
  readonly chunks: number;
}

/** Counts a person's files one after the other. */
export async function lockQuota(tx: Tx, accountId: string): Promise<number> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended(${`chat.attachments.${accountId}`}, 0))
  `.execute(tx.as());
  const { rows } = await sql<{ bytes: string | null }>`
    select sum(size)::text as bytes from chat_attachments where account_id = ${accountId}
  `.execute(tx.as());
  return Number(rows[0]?.bytes ?? 0);
}

export async function insertAttachment(
  tx: Tx,
  { id, conversationId, accountId }: Omit<StoredAttachment, "chunks">,
  { nowMs, expiresAtMs }: { readonly nowMs: number; readonly expiresAtMs: number | null },
): Promise<void> {
  await sql`
    insert into chat_attachments
      (id, conversation_id, account_id, chunks, size, inserted_at, expires_at)
    values (${id}, ${conversationId}, ${accountId}, 0, 0, ${new Date(nowMs)},
      ${expiresAtMs === null ? null : new Date(expiresAtMs)})
  `.execute(tx.as());
}

/** Null also once it has expired. */
export async function findAttachment(
  tx: Tx,
  id: string,
  nowMs: number,
): Promise<StoredAttachment | null> {
  const { rows } = await sql<StoredAttachment>`
    select id, conversation_id as "conversationId", account_id as "accountId", chunks
    from chat_attachments
    where id = ${id} and (expires_at is null or expires_at > ${new Date(nowMs)})
  `.execute(tx.as());
  return rows[0] ?? null;
}

export async function appendChunk(tx: Tx, id: string, content: Uint8Array): Promise<number> {
  const { rows } = await sql<{ chunks: number }>`
    with counted as (
      update chat_attachments set chunks = chunks + 1, size = size + ${content.length}
      where id = ${id} returning chunks
    ), inserted as (
      insert into chat_attachment_chunks (attachment_id, chunk, content)
      select ${id}, chunks - 1, ${Buffer.from(content)} from counted
    )
    select chunks from counted
  `.execute(tx.as());
  return rows[0]?.chunks ?? 0;
}

export async function readChunk(tx: Tx, id: string, chunk: number): Promise<Uint8Array | null> {
  const { rows } = await sql<{ content: Buffer }>`
    select content from chat_attachment_chunks where attachment_id = ${id} and chunk = ${chunk}
  `.execute(tx.as());
  return rows[0]?.content ?? null;
}

export async function deleteAttachment(tx: Tx, id: string): Promise<void> {
  await sql`delete from chat_attachments where id = ${id}`.execute(tx.as());
}

/** Deletes files whose time is over; answers how many. */
export async function deleteExpiredAttachments(
  tx: Tx,
  nowMs: number,
  max: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from chat_attachments where id in (
      select id from chat_attachments where expires_at <= ${new Date(nowMs)}
      order by expires_at
      limit ${max}
      for update skip locked
    )
  `.execute(tx.as());
  return Number(numAffectedRows ?? 0n);
}
