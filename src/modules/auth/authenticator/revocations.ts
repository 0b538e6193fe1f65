import { z } from "zod";
import type { Revocation } from "../../../core/actor.ts";
import { type Clock, sleep } from "../../../core/clock.ts";
import type { StreamEvent } from "../../../core/event-log.ts";
import type { Events } from "../../../core/events.ts";
import type { Log } from "../../../core/log.ts";
import { Uuid } from "../../../core/schema.ts";
import type { Stream, Streams } from "../../../core/streams.ts";
import type { Position } from "../../../core/subscription.ts";

/** What nodes tell each other about sessions; no client can subscribe to it. */
const TOPIC = "auth.revocations";

const Revoked = z.strictObject({ accountId: Uuid, sessionId: Uuid.optional() });
/** What an account may do has changed; its sessions go on. */
const RightsChanged = z.strictObject({ accountId: Uuid });

export const revocationEvents = {
  "auth.revoked": Revoked,
  "auth.rightsChanged": RightsChanged,
};

export function emitRevoked(events: Events, revocation: Revocation): void {
  events.emit(TOPIC, "auth.revoked", revocation);
}

export function emitRightsChanged(events: Events, accountId: string): void {
  events.emit(TOPIC, "auth.rightsChanged", { accountId });
}

export interface RevocationListener {
  revoked(revocation: Revocation): void;
  rightsChanged(accountId: string): void;
  /** Nothing is heard at the moment: what is remembered may be wrong. */
  deaf(): void;
  hearing(): void;
}

const RETRY_MS = 1_000;

/**
 * Hears of every session that ends, on whichever node. When the stream is lost it is opened again
 * from where it stood, so that nothing in between is missed; as long as that does not succeed, the
 * listener is deaf and knows it.
 */
export class Revocations {
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listener: RevocationListener;
  readonly #stop = new AbortController();
  #stream: Stream | undefined;
  #position: Position | undefined;

  constructor(
    parts: { readonly streams: Streams; readonly clock: Clock; readonly log: Log },
    listener: RevocationListener,
  ) {
    this.#streams = parts.streams;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#listener = listener;
  }

  /** Resolves when revocations are heard. @throws UNAVAILABLE when the database cannot be read */
  async open(): Promise<void> {
    const stream = await this.#streams.open({
      topic: TOPIC,
      view: TOPIC,
      since: this.#position,
      sink: { push: (event) => this.#hear(event), lost: () => this.#lost() },
      admit: async () => {},
      snapshot: async () => null,
    });
    if (this.#stop.signal.aborted) return stream.close();
    this.#stream = stream;
    const { opened } = stream;
    if (opened.recovered) for (const event of opened.missed) this.#hear(event);
    this.#position = opened.position;
    stream.start();
    this.#listener.hearing();
  }

  close(): void {
    this.#stop.abort();
    this.#stream?.close();
  }

  #hear(event: StreamEvent): void {
    if (this.#position !== undefined) {
      this.#position = { epoch: this.#position.epoch, offset: event.offset };
    }
    if (event.type === "auth.revoked") this.#listener.revoked(Revoked.parse(event.data));
    else this.#listener.rightsChanged(RightsChanged.parse(event.data).accountId);
  }

  #lost(): void {
    this.#listener.deaf();
    this.#stream?.close();
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        return await this.open();
      } catch (cause) {
        this.#log.warn({ err: cause }, "ended sessions are not heard of at the moment");
        await sleep(this.#clock, RETRY_MS, signal);
      }
    }
  }
}
