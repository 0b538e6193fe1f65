import type { Tx } from "./database.ts";

/**
 * The transactional outbox and the history of every topic, in one table: an event is appended in
 * the transaction that causes it, and gets the topic's next offset there. Because the topic's row
 * is locked until commit, offsets are gapless and in commit order.
 */

export interface NewEvent {
  readonly topic: string;
  /** The wire name of the push, `cinema.seats`. */
  readonly type: string;
  /** A JSON object. */
  readonly data: object;
  /**
   * What single people get beside the data, by account. It travels with the event and is not
   * recorded: what may have to be forgotten is kept in one place only.
   */
  readonly enclosed?: Enclosures | undefined;
}

/** Further fields of an event's data, by the account that they are for. */
export type Enclosures = Readonly<Record<string, object>>;

/** Told to whoever listens at the moment, and written down nowhere: it may be lost. */
export interface Signal extends Omit<NewEvent, "enclosed"> {
  readonly offset?: undefined;
}

export interface StreamEvent extends NewEvent {
  /** 1 for the first event of a topic, then one more each. */
  readonly offset: number;
}

export interface EventLog {
  /** Appends in the given order and answers the events with their offsets. Locks the topics. */
  append(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<StreamEvent[]>;
  /** Identifies this history; changes when a database is restored from a backup. */
  epoch(tx: Tx): Promise<string>;
  /** The offset of the newest event of each topic; a topic without events is left out. */
  positions(tx: Tx, topics: readonly string[]): Promise<Map<string, number>>;
  /** The events after `afterOffset`, oldest first, at most `eventsMax`. */
  range(tx: Tx, topic: string, afterOffset: number, eventsMax: number): Promise<StreamEvent[]>;
  /** Deletes events older than the time, at most `eventsMax`; answers how many. */
  trim(tx: Tx, beforeMs: number, eventsMax: number): Promise<number>;
}
