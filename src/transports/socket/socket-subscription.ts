import type { Signal, StreamEvent } from "../../core/event-log.ts";
import type { Stream } from "../../core/streams.ts";
import type { Sink } from "../../core/topic.ts";
import type { Outbound, PushSource } from "../websocket/outbound.ts";
import type { PushEncoder, PushRun } from "../websocket/push-run.ts";
import type { Envelope } from "./envelope.ts";

/** What a subscription needs of its socket. */
export interface SubscriptionHost {
  readonly out: Outbound;
  readonly encoder: PushEncoder;
  /** The topic gave up on this subscription, which has to begin anew. */
  onLost(subscription: SocketSubscription): void;
  /** Nothing more of the topic is for this person. */
  onEnded(subscription: SocketSubscription): void;
}

/** A subscription of a socket: takes its topic's events and lines them up to be written. */
export class SocketSubscription implements Sink, PushSource {
  /** The subscribe request; its eid addresses the pushes. */
  readonly request: Envelope;
  readonly slot: string;
  run: PushRun | undefined;
  /** Settles when the subscribe request has been answered. */
  opening: Promise<void> | undefined;
  /** Pushes are missing; set before the request was answered when the topic fills too fast. */
  isLost = false;
  readonly #host: SubscriptionHost;
  #stream: Stream | undefined;

  constructor(request: Envelope, slot: string, host: SubscriptionHost) {
    this.request = request;
    this.slot = slot;
    this.#host = host;
  }

  /** The answer is on its way: pushes may follow. */
  start(stream: Stream): void {
    this.#stream = stream;
    stream.start();
  }

  push(event: StreamEvent): void {
    this.#append(event);
  }

  signal(signal: Signal): void {
    this.#append(signal);
  }

  #append(event: StreamEvent | Signal): void {
    const { out, encoder } = this.#host;
    if (this.run === undefined) {
      this.run = encoder.start(event);
      out.push(this);
    } else {
      this.run = this.run.followedBy(event, encoder);
    }
  }

  lost(): void {
    this.isLost = true;
    if (this.#stream !== undefined) this.#host.onLost(this);
  }

  ended(): void {
    this.#host.onEnded(this);
  }

  close(): void {
    this.#stream?.close();
    this.#host.out.drop(this);
  }
}
