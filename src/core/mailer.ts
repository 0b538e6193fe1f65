import type { Tx } from "./database.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text; lines may be of any length. */
  readonly text: string;
}

/** Puts mail into the queue, in the transaction that causes it: rolled back, nothing is sent. */
export interface Mailer {
  send(tx: Tx, mail: Mail): Promise<void>;
}

/** The mail cannot be delivered, not even later: its recipient or the mail itself is refused. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
}

/** The way out: a folder or an SMTP server. */
export interface MailTransport {
  /**
   * Resolves when the next hop has taken the mail. A mail that comes twice under one id is the
   * same mail, and recognisable as such.
   *
   * @throws MailRefused when another try is pointless
   * @throws Error of any other kind when it should be tried again
   */
  deliver(mail: Mail & { readonly id: string }): Promise<void>;
  close(): Promise<void>;
}

export interface QueuedMail extends Mail {
  readonly id: string;
  /** Deliveries tried before this one. */
  readonly attempts: number;
}

/** The queue itself, a table. */
export interface MailQueue {
  enqueue(tx: Tx, id: string, mail: Mail, nowMs: number): Promise<void>;
  /**
   * Leases due mails to this node, oldest first: others do not see them before `leaseUntilMs`.
   */
  lease(tx: Tx, nowMs: number, leaseUntilMs: number, mailsMax: number): Promise<QueuedMail[]>;
  delivered(tx: Tx, id: string): Promise<void>;
  /** Schedules another try; null gives the mail up and keeps it as failed. */
  postpone(tx: Tx, id: string, nextAttemptMs: number | null, reason: string): Promise<void>;
}
