import type { Bus } from "../../core/bus.ts";
import type { Log } from "../../core/log.ts";
import { createLocalSubscribers, type LocalSubscribers } from "./local.ts";

/** What the nodes of one process share when each has a memory bus of its own. */
export type MemoryExchange = Set<LocalSubscribers>;

export interface MemoryBusOptions {
  readonly log: Log;
  /** Given when several nodes run in this process; a node alone needs none. */
  readonly exchange?: MemoryExchange;
}

/** The bus of an installation with one process. It loses nothing and doubles nothing. */
export function createMemoryBus({ log, exchange = new Set() }: MemoryBusOptions): Bus {
  const local = createLocalSubscribers(log);
  exchange.add(local);
  return {
    publish(channel, message) {
      if (!exchange.has(local)) return;
      for (const node of exchange) node.deliverSoon(channel, message);
    },
    subscribe: (channel, onMessage) => local.add(channel, onMessage),
    connected: () => exchange.has(local),
    async close() {
      exchange.delete(local);
      local.clear();
    },
  };
}
