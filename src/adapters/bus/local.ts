import type { Log } from "../../core/log.ts";

type Handler = (message: string) => void;

/** The subscribers of one node, by channel. */
export interface LocalSubscribers {
  add(channel: string, onMessage: Handler): void;
  /** Calls each subscriber; one that throws is logged and keeps nobody from hearing. */
  deliver(channel: string, message: string): void;
  /** Delivers after the running turn of the event loop: a publisher never runs its readers. */
  deliverSoon(channel: string, message: string): void;
  /** Nothing is delivered from here on, not even what was to be delivered soon. */
  clear(): void;
}

export function createLocalSubscribers(log: Log): LocalSubscribers {
  const handlers = new Map<string, Handler[]>();

  const deliver = (channel: string, message: string) => {
    for (const onMessage of handlers.get(channel) ?? []) {
      try {
        onMessage(message);
      } catch (err) {
        log.error({ err, channel }, "a subscriber of the bus threw");
      }
    }
  };

  return {
    add(channel, onMessage) {
      handlers.set(channel, [...(handlers.get(channel) ?? []), onMessage]);
    },
    deliver,
    deliverSoon: (channel, message) => void setImmediate(deliver, channel, message),
    clear: () => handlers.clear(),
  };
}
