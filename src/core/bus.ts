/**
 * What nodes tell each other. A message is a hint that something was committed: it may be lost,
 * doubled, delayed or reordered, and every receiver must cope. What may not be lost is in the
 * database (see `event-log.ts`).
 */
export interface Bus {
  /** Sends to every subscriber of the channel on every node, the sender's own included. */
  publish(channel: string, message: string): void;
  subscribe(channel: string, onMessage: (message: string) => void): void;
  /** Whether messages reach other nodes at the moment; part of `/ready`'s report. */
  connected(): boolean;
  close(): Promise<void>;
}

/** The channels in use. */
export const EVENTS_CHANNEL = "events";
export const PRESENCE_CHANNEL = "presence";
