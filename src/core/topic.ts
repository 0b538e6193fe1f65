import type { Timer } from "./clock.ts";
import type { Signal, StreamEvent } from "./event-log.ts";

/** Where a subscriber's pushes go. */
export interface Sink {
  /** Takes the next event. It must not throw and must not wait. */
  push(event: StreamEvent): void;
  /** Takes what is told and not recorded, by the same rule. Without it nothing is heard of that. */
  signal?(signal: Signal): void;
  /** The events in between are no longer kept: the subscriber has to subscribe anew. */
  lost(): void;
  /** The event before was the last one for this subscriber. */
  ended?(): void;
}

/**
 * A subscriber of a topic. Until `position` is known it buffers; from then on it gets the events
 * above its position, gapless.
 */
interface Follower {
  readonly sink: Sink;
  position: number | undefined;
  buffer: StreamEvent[];
}

export interface TopicPorts {
  /** Events after the offset, oldest first, a bounded page of them. */
  readRange(afterOffset: number): Promise<StreamEvent[]>;
  afterGap(run: () => void): Timer;
  onFailure(cause: unknown): void;
}

/** Events that may wait for earlier ones; beyond it the database is asked at once. */
const EARLY_EVENTS_MAX = 1_000;
/** Events a subscriber may have in its buffer while its snapshot is read. */
const BUFFERED_EVENTS_MAX = 10_000;

/**
 * A topic with followers on this node.
 *
 * `#delivered` is the offset up to which the followers have heard everything; undefined until the
 * first snapshot tells a place to begin. An event one above it is delivered. One further above
 * waits in `#early` for those in between; when they do not come within a short time, or a check
 * finds the database ahead, the missing range is read from the database. One at or below is a
 * repeat and dropped.
 */
export class FollowedTopic {
  readonly name: string;
  readonly #ports: TopicPorts;
  readonly #followers = new Set<Follower>();
  readonly #early = new Map<number, StreamEvent>();
  #delivered: number | undefined;
  #gapTimer: Timer | undefined;
  #reading = false;
  #closed = false;

  constructor(name: string, ports: TopicPorts) {
    this.name = name;
    this.#ports = ports;
  }

  get empty(): boolean {
    return this.#followers.size === 0;
  }

  join(sink: Sink): object {
    const follower: Follower = { sink, position: undefined, buffer: [] };
    this.#followers.add(follower);
    return follower;
  }

  /** The follower's snapshot belongs to `offset`: from here on it gets what comes after. */
  start(handle: object, offset: number): void {
    const follower = handle as Follower;
    if (!this.#followers.has(follower)) return;
    if (this.#delivered === undefined) {
      this.#begin(follower, offset, []);
      this.#delivered = offset;
      this.#drainEarly();
    } else if (offset >= this.#delivered || follower.buffer[0]?.offset === offset + 1) {
      this.#begin(follower, offset, []);
    } else {
      void this.#bridge(follower, offset);
    }
  }

  /** Gives what was missed, then what was buffered meanwhile. */
  #begin(follower: Follower, offset: number, missed: readonly StreamEvent[]): void {
    const buffered = follower.buffer;
    follower.position = offset;
    follower.buffer = [];
    for (const event of missed) this.#give(follower, event);
    for (const event of buffered) {
      if (this.#followers.has(follower)) this.#give(follower, event);
    }
  }

  /**
   * Two snapshots read at once may end in the other order; the later follower then stands behind
   * the topic, and the events in between are read for it alone.
   */
  async #bridge(follower: Follower, offset: number): Promise<void> {
    try {
      const missed = await this.#ports.readRange(offset);
      if (this.#followers.has(follower)) this.#begin(follower, offset, missed);
    } catch (cause) {
      this.#ports.onFailure(cause);
      this.#lose(follower);
    }
  }

  leave(handle: object): void {
    this.#followers.delete(handle as Follower);
  }

  /** Takes an event that was committed, from this node or another, in any order. */
  accept(event: StreamEvent): void {
    if (this.#delivered === undefined || event.offset > this.#delivered + 1) {
      this.#keepEarly(event);
      return;
    }
    if (event.offset <= this.#delivered) return;
    this.#deliver(event);
    this.#drainEarly();
  }

  /** Passes on what is not recorded, to those whose snapshot has been answered. */
  signal(signal: Signal): void {
    for (const { sink, position } of this.#followers) {
      if (position !== undefined) sink.signal?.(signal);
    }
  }

  /** The database is at `offset`; catches up when this topic is behind. */
  expect(offset: number): void {
    if (this.#delivered !== undefined && offset > this.#delivered) void this.#catchUp();
  }

  close(): void {
    this.#closed = true;
    this.#gapTimer?.cancel();
    this.#followers.clear();
    this.#early.clear();
  }

  #keepEarly(event: StreamEvent): void {
    if (this.#early.size < EARLY_EVENTS_MAX) this.#early.set(event.offset, event);
    if (this.#delivered === undefined || this.#gapTimer !== undefined) return;
    this.#gapTimer = this.#ports.afterGap(() => {
      this.#gapTimer = undefined;
      void this.#catchUp();
    });
  }

  #drainEarly(): void {
    if (this.#early.size > 0) {
      for (const offset of this.#early.keys()) {
        if (offset <= (this.#delivered ?? 0)) this.#early.delete(offset);
      }
      for (;;) {
        const next = this.#early.get((this.#delivered ?? 0) + 1);
        if (next === undefined) break;
        this.#early.delete(next.offset);
        this.#deliver(next);
      }
    }
    if (this.#early.size === 0) {
      this.#gapTimer?.cancel();
      this.#gapTimer = undefined;
    }
  }

  #deliver(event: StreamEvent): void {
    this.#delivered = event.offset;
    for (const follower of this.#followers) this.#give(follower, event);
  }

  #give(follower: Follower, event: StreamEvent): void {
    if (follower.position === undefined) {
      if (follower.buffer.length >= BUFFERED_EVENTS_MAX) this.#lose(follower);
      else follower.buffer.push(event);
    } else if (event.offset === follower.position + 1) {
      follower.position = event.offset;
      follower.sink.push(event);
    } else if (event.offset > follower.position) {
      this.#lose(follower);
    }
  }

  #lose(follower: Follower): void {
    if (this.#followers.delete(follower)) follower.sink.lost();
  }

  async #catchUp(): Promise<void> {
    if (this.#reading || this.#closed || this.#delivered === undefined) return;
    this.#reading = true;
    try {
      for (;;) {
        const from: number = this.#delivered;
        const events = await this.#ports.readRange(from);
        if (this.#closed || events.length === 0) break;
        for (const event of events) {
          if (event.offset > this.#delivered) this.#deliver(event);
        }
        this.#drainEarly();
      }
    } catch (cause) {
      this.#ports.onFailure(cause);
    } finally {
      this.#reading = false;
    }
  }
}
