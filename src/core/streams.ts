import { createHash } from "node:crypto";
import { z } from "zod";
import { type Bus, EVENTS_CHANNEL } from "./bus.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Tx } from "./database.ts";
import type { Enclosures, EventLog, Signal, StreamEvent } from "./event-log.ts";
import { parseJson } from "./json.ts";
import {
  EVENT_GAP_WAIT_MS,
  RECOVERED_BYTES_MAX,
  RECOVERED_EVENTS_MAX,
  TOPIC_CHECK_INTERVAL_MS,
} from "./limits.ts";
import type { Log } from "./log.ts";
import type { Position } from "./subscription.ts";
import { FollowedTopic, type Sink } from "./topic.ts";

/** The answer to a subscriber: where it stands, and how it got there. */
export type Opened =
  | { readonly position: Position; readonly recovered: false; readonly state: unknown }
  | {
      readonly position: Position;
      readonly recovered: true;
      /** What was missed, complete and in order. */
      readonly missed: readonly StreamEvent[];
    };

export interface OpenRequest {
  readonly topic: string;
  /**
   * Names what the snapshot depends on: the subscription, its input, and whose it is. A place that
   * was reached in another view begins with a snapshot, however its offset fits.
   */
  readonly view: string;
  /** Where a client that comes back stood. */
  readonly since: Position | undefined;
  readonly sink: Sink;
  /** What events of this topic enclosed; see `Subscription.enclose`. */
  readonly enclose?: Enclose | undefined;
  /** Runs first, in the reading transaction; throws when the subscriber may not listen. */
  admit(tx: Tx): Promise<void>;
  snapshot(tx: Tx): Promise<unknown>;
}

type Enclose = (tx: Tx, events: readonly StreamEvent[]) => Promise<readonly Enclosures[]>;

export interface Stream {
  readonly opened: Opened;
  /** Starts the pushes. Called once the answer is on its way, so that it goes first. */
  start(): void;
  close(): void;
}

export interface StreamsParts {
  readonly nodeId: string;
  /** Runs reads of one state; see `UnitOfWork.snapshot`. */
  readonly read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly eventLog: EventLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of every event, followed or not: see `Module.heard`. */
  readonly heard?: (event: StreamEvent) => void;
}

const Told = z.strictObject({
  topic: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const BusMessage = z.strictObject({
  from: z.string(),
  events: z
    .array(
      Told.extend({
        offset: z.int().min(1),
        enclosed: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      }),
    )
    .default([]),
  signals: z.array(Told).default([]),
});

/**
 * Backfill, cut-over and streaming, once for all subscriptions.
 *
 * An event is recorded with its topic's next offset in the transaction that causes it. After the
 * commit it is handed to the followers on this node and, by the bus, to the other nodes. The bus
 * only makes it fast: a follower's topic knows the offset it has delivered, fills any gap from the
 * database, and compares itself with the database every {@link TOPIC_CHECK_INTERVAL_MS}, so
 * followers hear every event once and in order even when the bus loses, doubles or reorders.
 *
 * A subscriber is registered before its snapshot is read, and buffers. The snapshot carries the
 * offset it belongs to; what was buffered up to there is dropped, the rest follows.
 */
export class Streams {
  readonly #parts: StreamsParts;
  readonly #topics = new Map<string, FollowedTopic>();
  readonly #listeners: Array<(event: StreamEvent) => void> = [];
  #checkTimer: Timer | undefined;
  #checking = false;
  #closed = false;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
    if (parts.heard !== undefined) this.#listeners.push(parts.heard);
    parts.bus.subscribe(EVENTS_CHANNEL, (message) => this.#onBusMessage(message));
    this.#scheduleCheck();
  }

  /** Tells of every event, followed or not, as `Module.heard` is told. It must not throw. */
  onHeard(listener: (event: StreamEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Hands committed events to the followers here and on the other nodes. */
  publish(events: readonly StreamEvent[]): void {
    this.#accept(events);
    const { bus, nodeId } = this.#parts;
    bus.publish(EVENTS_CHANNEL, JSON.stringify({ from: nodeId, events }));
  }

  /** Hands on what is not recorded. */
  signal(signals: readonly Signal[]): void {
    this.#passOn(signals);
    const { bus, nodeId } = this.#parts;
    bus.publish(EVENTS_CHANNEL, JSON.stringify({ from: nodeId, signals }));
  }

  /** Opens a subscription: the missed events in full, or a snapshot; then pushes. */
  async open(request: OpenRequest): Promise<Stream> {
    const topic = this.#follow(request);
    const follower = topic.join(request.sink);
    try {
      const opened = await this.#parts.read((tx) => this.#read(tx, request));
      const { offset } = opened.position;
      return {
        opened,
        start: () => topic.start(follower, offset),
        close: () => this.#leave(topic, follower),
      };
    } catch (error) {
      this.#leave(topic, follower);
      throw error;
    }
  }

  /** Topics followed at the moment, for the metrics. */
  get topicCount(): number {
    return this.#topics.size;
  }

  close(): void {
    this.#closed = true;
    this.#checkTimer?.cancel();
    for (const topic of this.#topics.values()) topic.close();
    this.#topics.clear();
  }

  #follow({ topic: name, enclose }: OpenRequest): FollowedTopic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const { clock, log } = this.#parts;
    const topic = new FollowedTopic(name, {
      readRange: (after) => this.#readRange(name, after, enclose),
      afterGap: (run) => clock.after(EVENT_GAP_WAIT_MS, run),
      onFailure: (cause) => log.warn({ err: cause, topic: name }, "events could not be read"),
    });
    this.#topics.set(name, topic);
    return topic;
  }

  #leave(topic: FollowedTopic, follower: object): void {
    topic.leave(follower);
    if (!topic.empty) return;
    topic.close();
    if (this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name);
  }

  async #read(tx: Tx, request: OpenRequest): Promise<Opened> {
    const { eventLog } = this.#parts;
    await request.admit(tx);
    const epoch = epochOf(await eventLog.epoch(tx), request.view);
    const positions = await eventLog.positions(tx, [request.topic]);
    const position: Position = { epoch, offset: positions.get(request.topic) ?? 0 };
    const missed = await this.#readMissed(tx, request, position);
    if (missed !== undefined) return { position, recovered: true, missed };
    return { position, recovered: false, state: await request.snapshot(tx) };
  }

  /** All events between the client's place and the present one, or undefined: never a part. */
  async #readMissed(
    tx: Tx,
    { topic, since, enclose }: OpenRequest,
    position: Position,
  ): Promise<readonly StreamEvent[] | undefined> {
    if (since === undefined || since.epoch !== position.epoch) return undefined;
    const count = position.offset - since.offset;
    if (count < 0 || count > RECOVERED_EVENTS_MAX) return undefined;
    if (count === 0) return [];
    const missed = await this.#parts.eventLog.range(tx, topic, since.offset, count);
    if (missed.length !== count) return undefined;
    const bytes = missed.reduce((sum, event) => sum + JSON.stringify(event.data).length, 0);
    return bytes > RECOVERED_BYTES_MAX ? undefined : withEnclosed(tx, missed, enclose);
  }

  #readRange(
    topic: string,
    afterOffset: number,
    enclose: Enclose | undefined,
  ): Promise<StreamEvent[]> {
    const { read, eventLog } = this.#parts;
    return read(async (tx) => {
      const events = await eventLog.range(tx, topic, afterOffset, RECOVERED_EVENTS_MAX);
      return withEnclosed(tx, events, enclose);
    });
  }

  #passOn(signals: readonly Signal[]): void {
    for (const signal of signals) this.#topics.get(signal.topic)?.signal(signal);
  }

  #accept(events: readonly StreamEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) listener(event);
      this.#topics.get(event.topic)?.accept(event);
    }
  }

  #onBusMessage(message: string): void {
    const { log, nodeId } = this.#parts;
    // Every node hears itself as well, and most of what it hears is its own.
    if (message.startsWith(`{"from":"${nodeId}"`)) return;
    try {
      const { from, events, signals } = BusMessage.parse(parseJson(message));
      if (from === nodeId) return;
      this.#accept(events);
      this.#passOn(signals);
    } catch (cause) {
      log.warn({ err: cause }, "a message on the bus was not understood");
    }
  }

  #scheduleCheck(): void {
    if (this.#closed) return;
    this.#checkTimer = this.#parts.clock.after(TOPIC_CHECK_INTERVAL_MS, () => {
      void this.check().finally(() => this.#scheduleCheck());
    });
  }

  /** Compares every followed topic with the database and catches up. */
  async check(): Promise<void> {
    if (this.#checking || this.#topics.size === 0) return;
    this.#checking = true;
    const { read, eventLog, log } = this.#parts;
    try {
      const positions = await read((tx) => eventLog.positions(tx, [...this.#topics.keys()]));
      for (const [name, offset] of positions) this.#topics.get(name)?.expect(offset);
    } catch (cause) {
      log.warn({ err: cause }, "topics could not be compared with the database");
    } finally {
      this.#checking = false;
    }
  }
}

async function withEnclosed(
  tx: Tx,
  events: StreamEvent[],
  enclose: Enclose | undefined,
): Promise<StreamEvent[]> {
  if (enclose === undefined || events.length === 0) return events;
  const enclosures = await enclose(tx, events);
  return events.map((event, at) => ({ ...event, enclosed: enclosures[at] }));
}

/**
 * The epoch as a view's subscribers see it. Whoever comes back as somebody else, or to another
 * topic, keeps a state that the missed events do not belong to.
 */
function epochOf(history: string, view: string): string {
  return createHash("sha256").update(`${history}\n${view}`).digest("base64url").slice(0, 22);
}
