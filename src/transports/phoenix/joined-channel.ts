import type { Person } from "../../core/actor.ts";
import type { Signal, StreamEvent } from "../../core/event-log.ts";
import type { Stream } from "../../core/streams.ts";
import type { Sink } from "../../core/topic.ts";
import type { Outbound, PushSource } from "../websocket/outbound.ts";
import type { Pushed, PushRun } from "../websocket/push-run.ts";
import type { Version } from "./handshake.ts";
import type { Ref } from "./message.ts";
import type { Shown } from "./shown.ts";
import type { Topic, TopicMember } from "./topics.ts";

/** What a channel needs of its socket. */
export interface ChannelHost {
  readonly out: Outbound;
  readonly version: Version;
  readonly person: Person | undefined;
  /** Pushes are missing: the client has to join anew. */
  onLost(channel: JoinedChannel): void;
  /** Nothing more of the topic is for this person. */
  onOver(channel: JoinedChannel): void;
}

/** A channel that a socket has joined, or is joining. */
export class JoinedChannel implements Sink, PushSource, TopicMember {
  readonly topic: Topic;
  /** The `ref` of the join, which everything about this membership carries. */
  readonly joinRef: Ref;
  /** What is told to all alike has no place for a name. */
  readonly slot = "";
  run: PushRun | undefined;
  /** The fields that the topic fills. */
  readonly fields: Readonly<Record<string, string>>;
  /** Pushes are missing since before the join was answered. */
  isLost = false;
  isClosed = false;
  isTold = false;
  /** How its person is shown to the others. */
  shown: Shown | undefined;
  readonly #host: ChannelHost;
  #stream: Stream | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    topic: Topic,
    {
      joinRef,
      fields,
    }: { readonly joinRef: Ref; readonly fields: Readonly<Record<string, string>> },
    host: ChannelHost,
  ) {
    this.topic = topic;
    this.joinRef = joinRef;
    this.fields = fields;
    this.#host = host;
  }

  /** Does this when all that came before on this channel has been done. It must not reject. */
  inTurn(act: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(act);
    return this.#last;
  }

  /** The reply to the join is on its way: pushes may follow. */
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

  #append(pushed: Pushed): void {
    if (this.isClosed || !this.topic.tells(pushed)) return;
    const { out, version } = this.#host;
    const encoder = this.topic.encoder(version);
    if (this.run === undefined) {
      this.run = encoder.start(pushed);
      out.push(this);
    } else {
      this.run = this.run.followedBy(pushed, encoder);
    }
  }

  lost(): void {
    this.isLost = true;
    if (this.#stream !== undefined) this.#host.onLost(this);
  }

  ended(): void {
    this.#host.onOver(this);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#stream?.close();
    this.#host.out.drop(this);
    this.shown?.end();
  }
}
