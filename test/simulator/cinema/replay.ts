import type { Counts, SeatChange, SeatMap } from "../../../src/modules/cinema/types.ts";
import type { RecordedEvent, SeatRow } from "./snapshot.ts";

const NO_COUNTS: Counts = { free: 0, held: 0, booked: 0, blocked: 0 };

/** Text that is the same for the same things, in whatever order they were put together. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** What a follower of one topic knows after each of its events, beginning with none. */
class TopicHistory {
  readonly events: RecordedEvent[] = [];
  /** By offset, in canonical text. */
  readonly states: string[];
  /** By offset, when it was committed in simulated time. */
  readonly times: number[] = [0];

  constructor(first: unknown) {
    this.states = [canonical(first)];
  }

  get offset(): number {
    return this.events.length;
  }
}

/** What followers of `cinema.watch` make of a push. */
export function applySeats(seats: SeatMap, { type, data }: Pick<RecordedEvent, "type" | "data">) {
  if (type !== "cinema.seats") return;
  for (const { seatId, state, ...more } of (data as { changes: SeatChange[] }).changes) {
    if (state === "free") delete seats[seatId];
    else seats[seatId] = { state, ...more };
  }
}

/** What followers of `cinema.subscribe` make of a push. */
export function applyCounts(
  counts: Record<string, Counts>,
  { type, data }: Pick<RecordedEvent, "type" | "data">,
): void {
  if (type === "cinema.counts") {
    const { screeningId, change } = data as { screeningId: string; change: Counts };
    const present = counts[screeningId] ?? NO_COUNTS;
    counts[screeningId] = {
      free: present.free + change.free,
      held: present.held + change.held,
      booked: present.booked + change.booked,
      blocked: present.blocked + change.blocked,
    };
  } else if (type === "cinema.screening") {
    const screening = data as { id: string; counts: Counts };
    counts[screening.id] = screening.counts;
  }
}

/**
 * The event log, played back as it is written: what every follower must see, push by push, and what
 * the tables must agree with after every transaction.
 */
export class Replay {
  readonly #topics = new Map<string, TopicHistory>();
  readonly #seats = new Map<string, SeatMap>();
  readonly #counts: Record<string, Counts> = {};
  readonly #tagOf: (accountId: string, screeningId: string) => string;

  constructor(tagOf: (accountId: string, screeningId: string) => string) {
    this.#tagOf = tagOf;
  }

  /** @returns what is wrong with the events of a transaction */
  apply(events: readonly RecordedEvent[], atMs: number): string | undefined {
    for (const event of events) {
      const history = this.#historyOf(event.topic);
      if (event.offset !== history.offset + 1) {
        return `${event.topic} goes from ${history.offset} to ${event.offset}`;
      }
      history.events.push(event);
      history.states.push(canonical(this.#play(event)));
      history.times.push(atMs);
    }
    return undefined;
  }

  offsetOf(topic: string): number {
    return this.#topics.get(topic)?.offset ?? 0;
  }

  /** The offset that the topic had at a moment. */
  offsetAt(topic: string, atMs: number): number {
    return Math.max(
      0,
      this.#historyOf(topic).times.findLastIndex((time) => time <= atMs),
    );
  }

  /** The state that a follower has who has heard everything up to the offset. */
  stateAt(topic: string, offset: number): string | undefined {
    return this.#historyOf(topic).states[offset];
  }

  eventAt(topic: string, offset: number): RecordedEvent | undefined {
    return this.#topics.get(topic)?.events[offset - 1];
  }

  /** @returns where the tables say something else */
  compare(rows: readonly SeatRow[]): string | undefined {
    const tables = new Map<string, SeatMap>();
    for (const { screeningId, seatId, state, accountId, untilMs } of rows) {
      const seats = tables.get(screeningId) ?? {};
      tables.set(screeningId, seats);
      seats[seatId] = {
        state,
        ...(accountId === null ? {} : { by: this.#tagOf(accountId, screeningId) }),
        ...(untilMs === null ? {} : { untilMs }),
      };
    }
    for (const screeningId of new Set([...tables.keys(), ...this.#seats.keys()])) {
      const [told, recorded] = [this.#seats.get(screeningId) ?? {}, tables.get(screeningId) ?? {}];
      if (canonical(told) !== canonical(recorded)) {
        return `The events say ${canonical(told)}, the tables ${canonical(recorded)}`;
      }
      const counts = this.#counts[screeningId] ?? NO_COUNTS;
      for (const state of ["held", "booked", "blocked"] as const) {
        const count = Object.values(recorded).filter((seat) => seat.state === state).length;
        if (counts[state] !== count) {
          return `The events count ${counts[state]} ${state} seats, the tables ${count}`;
        }
      }
    }
    return undefined;
  }

  #historyOf(topic: string): TopicHistory {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const history = new TopicHistory({});
    this.#topics.set(topic, history);
    return history;
  }

  #play(event: RecordedEvent): unknown {
    const screeningId = /^cinema\.screening\.(.+)$/.exec(event.topic)?.[1];
    if (screeningId === undefined) {
      applyCounts(this.#counts, event);
      return this.#counts;
    }
    const seats = this.#seats.get(screeningId) ?? {};
    this.#seats.set(screeningId, seats);
    applySeats(seats, event);
    return seats;
  }
}
