import type { StreamEvent } from "./event-log.ts";
import type { Opened } from "./streams.ts";
import type { Subscription } from "./subscription.ts";
import type { Sink } from "./topic.ts";

type Presented = Pick<Subscription, "enclose" | "ends">;

/**
 * The sink of one person: what events enclose for him is in their data, and the event that is his
 * last one ends his subscription. Where neither is to be looked at it is the sink itself, and all
 * followers of a topic are pushed the very same events, so that each is written out once.
 */
export function presenting(
  { enclose, ends }: Presented,
  accountId: string | null,
  sink: Sink,
): Sink {
  if (enclose === undefined && ends === undefined) return sink;
  return {
    push(event) {
      sink.push(presented(event, accountId));
      if (ends?.(event, accountId)) sink.ended?.();
    },
    signal: (signal) => sink.signal?.(signal),
    lost: () => sink.lost(),
  };
}

/** The same for what was missed. */
export function presentMissed(opened: Opened, accountId: string | null): Opened {
  if (!opened.recovered) return opened;
  return { ...opened, missed: opened.missed.map((event) => presented(event, accountId)) };
}

function presented(event: StreamEvent, accountId: string | null): StreamEvent {
  if (event.enclosed === undefined) return event;
  const { enclosed, ...rest } = event;
  const own = accountId === null ? undefined : enclosed[accountId];
  return { ...rest, data: { ...event.data, ...own } };
}
