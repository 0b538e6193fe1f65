import { type Generated, sql } from "kysely";
import type { Tx } from "../../core/database.ts";
import type { Mail, MailQueue, QueuedMail } from "../../core/mailer.ts";

interface Tables {
  readonly stoa_mails: {
    id: string;
    recipient: string;
    subject: string;
    text: string;
    state: Generated<"queued" | "failed">;
    attempts: Generated<number>;
    next_attempt_at: Date;
    last_error: Generated<string | null>;
    created_at: Date;
  };
}

/** What is kept of the reason why a delivery failed. */
const REASON_CHARS_MAX = 500;

export function createMailQueue(): MailQueue {
  return { enqueue, lease, delivered, postpone };
}

async function enqueue(tx: Tx, id: string, mail: Mail, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  const { to: recipient, subject, text } = mail;
  await tx
    .as<Tables>()
    .insertInto("stoa_mails")
    .values({ id, recipient, subject, text, next_attempt_at: now, created_at: now })
    .execute();
}

/** A try counts when it begins, so that a mail that kills its sender runs out of tries. */
async function lease(
  tx: Tx,
  nowMs: number,
  leaseUntilMs: number,
  mailsMax: number,
): Promise<QueuedMail[]> {
  const { rows } = await sql<QueuedMail>`
    with due as (
      select id from stoa_mails
      where state = 'queued' and next_attempt_at <= ${new Date(nowMs)}
      order by created_at, id
      limit ${mailsMax}
      for update skip locked
    ), leased as (
      update stoa_mails as mails
      set attempts = mails.attempts + 1, next_attempt_at = ${new Date(leaseUntilMs)}
      from due where mails.id = due.id
      returning mails.*
    )
    select id, recipient as "to", subject, text, attempts - 1 as attempts
    from leased order by created_at, id
  `.execute(tx.as());
  return rows;
}

async function delivered(tx: Tx, id: string): Promise<void> {
  await tx.as<Tables>().deleteFrom("stoa_mails").where("id", "=", id).execute();
}

async function postpone(
  tx: Tx,
  id: string,
  nextAttemptMs: number | null,
  reason: string,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable("stoa_mails")
    .set({
      last_error: reason.slice(0, REASON_CHARS_MAX),
      ...(nextAttemptMs === null
        ? { state: "failed" as const }
        : { next_attempt_at: new Date(nextAttemptMs) }),
    })
    .where("id", "=", id)
    .execute();
}
