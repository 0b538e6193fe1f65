import { type Clock, sleep } from "./clock.ts";
import type { Database, Tx } from "./database.ts";
import type { Ids } from "./ids.ts";
import type { Log } from "./log.ts";
import {
  type Mail,
  type Mailer,
  type MailQueue,
  MailRefused,
  type MailTransport,
  type QueuedMail,
} from "./mailer.ts";
import { fraction, type Random } from "./random.ts";

/** RFC 5321 §4.5.3.1.3, without the angle brackets. */
const ADDRESS_CHARS_MAX = 254;
const SUBJECT_CHARS_MAX = 250;
const TEXT_CHARS_MAX = 65_536;

/** One plain address: no list, no display name, no quotes, nothing that could end a line. */
const ADDRESS = /^[^\s\p{Cc}@<>()[\]\\,;:"]{1,64}@[^\s\p{Cc}@<>()[\]\\,;:"]+$/u;
const LINE = /^[^\p{Cc}\u2028\u2029]+$/u;

/** Delivered at the same time, by one node. */
const MAILS_AT_ONCE_MAX = 8;
const DELIVERY_TIMEOUT_MS = 60_000;
/** Longer than a delivery and recording it can take, or another node would deliver as well. */
const LEASE_MS = 180_000;
/** How soon mail is found that nobody woke this node for, as another node's or a second try. */
const POLL_MS = 2_000;
const POLL_AFTER_FAILURE_MS_MAX = 30_000;
const RECORD_ATTEMPTS_MAX = 5;
const RECORD_RETRY_MS = 200;
const STOP_TIMEOUT_MS = 5_000;
const REASON_CHARS_MAX = 300;

const RETRY_FIRST_MS = 30_000;
const RETRY_MS_MAX = 2 * 3_600_000;
const RETRY_TOTAL_MS_MAX = 24 * 3_600_000;

/** @throws MailRefused when the mail could not be sent as one mail to one person. */
export function checkMail({ to, subject, text }: Mail): void {
  if (to.length > ADDRESS_CHARS_MAX || !ADDRESS.test(to)) {
    throw new MailRefused("the recipient is not one plain mail address");
  }
  if (subject.length > SUBJECT_CHARS_MAX || !LINE.test(subject)) {
    throw new MailRefused(`the subject is not one line of up to ${SUBJECT_CHARS_MAX} characters`);
  }
  if (text.length > TEXT_CHARS_MAX) {
    throw new MailRefused(`the text has more than ${TEXT_CHARS_MAX} characters`);
  }
}

export interface MailerParts {
  readonly queue: MailQueue;
  readonly ids: Ids;
  readonly clock: Clock;
}

export function createMailer({ queue, ids, clock }: MailerParts): Mailer {
  return {
    async send(tx, mail) {
      checkMail(mail);
      await queue.enqueue(tx, ids.uuid(), mail, clock.nowMs());
    },
  };
}

/**
 * How long to wait after so many failed tries in a row, or null when it is time to give up: 30 s,
 * doubled each time up to 2 h, 24 h in total. Jitter only shortens, so the total holds.
 */
export function retryDelayMs(failures: number, random: Random): number | null {
  if (totalDelayMs(failures) > RETRY_TOTAL_MS_MAX) return null;
  return Math.round(fullDelayMs(failures) * (1 - fraction(random) / 4));
}

function totalDelayMs(failures: number): number {
  let totalMs = 0;
  for (let n = 1; n <= failures && totalMs <= RETRY_TOTAL_MS_MAX; n++) totalMs += fullDelayMs(n);
  return totalMs;
}

function fullDelayMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_FIRST_MS * 2 ** (failures - 1));
}

/** A mail whose tries were never recorded, because each killed its node, must end as well. */
function isOutOfTries({ attempts }: QueuedMail): boolean {
  return totalDelayMs(attempts) > RETRY_TOTAL_MS_MAX;
}

export interface MailDeliveryParts {
  readonly database: Database;
  readonly queue: MailQueue;
  readonly transport: MailTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface MailDelivery {
  start(): void;
  /** There may be mail: look at once. Worth calling after a commit that put some in the queue. */
  wake(): void;
  /**
   * Takes no more mail, and resolves when what was under way is done, or after some seconds. The
   * transport is not closed.
   */
  stop(): Promise<void>;
}

/**
 * Works the queue: leases mails, hands them to the transport outside of any transaction, and
 * records what came of it. Every node does so; the lease keeps them apart.
 *
 * A mail is delivered at least once. A node that dies between the delivery and recording it leaves
 * a lease that expires, and then the mail goes out again: under the same id, from which the
 * transport makes the `Message-ID`, so that mail programs can tell.
 */
export function createMailDelivery(parts: MailDeliveryParts): MailDelivery {
  return new Delivery(parts);
}

class Delivery implements MailDelivery {
  readonly #parts: MailDeliveryParts;
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #awake = false;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(parts: MailDeliveryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  wake(): void {
    this.#awake = true;
    this.#pause.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    const done = new AbortController();
    await Promise.race([this.#running, sleep(this.#parts.clock, STOP_TIMEOUT_MS, done.signal)]);
    done.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#awake = false;
      const mails = await this.#lease();
      await Promise.all(mails.map((mail) => this.#deliver(mail)));
      if (mails.length < MAILS_AT_ONCE_MAX) await this.#idle();
    }
  }

  async #lease(): Promise<readonly QueuedMail[]> {
    const { queue, clock, log } = this.#parts;
    try {
      const nowMs = clock.nowMs();
      const mails = await this.#transaction((tx) =>
        queue.lease(tx, nowMs, nowMs + LEASE_MS, MAILS_AT_ONCE_MAX),
      );
      this.#failures = 0;
      return mails;
    } catch (err) {
      if (this.#failures === 0) log.warn({ err }, "the mail queue cannot be read");
      this.#failures += 1;
      return [];
    }
  }

  /** Until the queue is to be looked at again; a call of `wake` meanwhile or before ends it. */
  async #idle(): Promise<void> {
    if (this.#awake || this.#stop.signal.aborted) return;
    this.#pause = new AbortController();
    const pauseMs = Math.min(POLL_AFTER_FAILURE_MS_MAX, POLL_MS * 2 ** this.#failures);
    await sleep(this.#parts.clock, pauseMs, this.#pause.signal);
  }

  async #deliver(mail: QueuedMail): Promise<void> {
    const { queue, clock, log } = this.#parts;
    const { id, attempts } = mail;
    const failure = isOutOfTries(mail)
      ? { error: new MailRefused("every try ended without an outcome") }
      : await this.#tryToDeliver(mail);
    if (failure === undefined) {
      log.debug({ mail: id, attempts }, "a mail was delivered");
      await this.#record(id, (tx) => queue.delivered(tx, id));
      return;
    }
    const { error } = failure;
    const delayMs =
      error instanceof MailRefused ? null : retryDelayMs(attempts + 1, this.#parts.random);
    const fields = { mail: id, attempts, error: codeOf(error), delayMs };
    if (delayMs === null) log.error(fields, "a mail was given up");
    else log.warn(fields, "a mail could not be delivered and will be tried again");
    const nextMs = delayMs === null ? null : clock.nowMs() + delayMs;
    await this.#record(id, (tx) => queue.postpone(tx, id, nextMs, reasonOf(error)));
  }

  async #tryToDeliver(mail: QueuedMail): Promise<{ readonly error: unknown } | undefined> {
    const { transport, clock } = this.#parts;
    const done = new AbortController();
    const timeout = sleep(clock, DELIVERY_TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) throw new Error("the delivery took too long");
    });
    try {
      await Promise.race([transport.deliver(mail), timeout]);
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      done.abort();
    }
  }

  /** Tried a few times, because a mail whose delivery is not recorded is delivered once more. */
  async #record(id: string, work: (tx: Tx) => Promise<void>): Promise<void> {
    const { clock, log } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transaction(work);
      } catch (err) {
        if (attempt === RECORD_ATTEMPTS_MAX) {
          log.error({ err, mail: id }, "what came of a mail could not be recorded");
          return;
        }
        await sleep(clock, RECORD_RETRY_MS * 2 ** (attempt - 1));
      }
    }
  }

  #transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const options = { isolation: "read committed", readOnly: false } as const;
    return this.#parts.database.transaction(options, work);
  }
}

/** For the log, where addresses do not belong: a mail server's sentence may quote one. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** For the queue, where it stands beside the address anyway. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\p{Cc}+/gu, " ").slice(0, REASON_CHARS_MAX);
}
