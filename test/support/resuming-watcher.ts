import WebSocket from "ws";
import { type CallError, type Client, connect } from "../../client/index.ts";
import type { SeatChange, SeatMap } from "../../src/modules/cinema/types.ts";

/** What a watcher of a screening was told, put together over all of its connections. */
export interface Resumed extends Disposable {
  /** Its name, for a report. */
  readonly name: string;
  readonly seats: SeatMap;
  /** The last offset it was told of; -1 before the first state. */
  readonly offset: number;
  /** Whole states: the first, and each time something was missed for good. */
  readonly states: number;
  readonly connections: number;
  /** The events it was told, as JSON by offset. */
  readonly events: ReadonlyMap<number, string>;
  /** What must not happen: an offset skipped or told twice, a refusal. */
  readonly faults: readonly string[];
}

class Story {
  seats: SeatMap = {};
  offset = -1;
  states = 0;
  connections = 0;
  readonly events = new Map<number, string>();
  readonly faults: string[] = [];

  begin(seats: SeatMap, offset: number): void {
    if (offset < this.offset) this.faults.push(`back from ${this.offset} to ${offset}`);
    this.seats = { ...seats };
    this.offset = offset;
    this.states += 1;
  }

  go(type: string, data: object, offset: number): void {
    if (offset !== this.offset + 1) this.faults.push(`from ${this.offset} to ${offset}`);
    this.offset = offset;
    this.events.set(offset, JSON.stringify([type, data]));
    const { changes = [] } = data as { readonly changes?: readonly SeatChange[] };
    for (const { seatId, state, ...more } of changes) {
      if (state === "free") delete this.seats[seatId];
      else this.seats[seatId] = { state, ...more };
    }
  }
}

/** How much sooner the client comes back and loses patience than it would for people. */
const HASTE = { shortMs: 1_000, short: 50, long: 10 } as const;

function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs / (delayMs < HASTE.shortMs ? HASTE.short : HASTE.long));
  return () => clearTimeout(timer);
}

/** Watches with the product's client. */
export function watchWithClient(url: string, screeningId: string): Resumed & { client: Client } {
  const story = new Story();
  const createSocket = (to: string) => {
    story.connections += 1;
    return new WebSocket(to, { perMessageDeflate: false });
  };
  const client = connect({ url, after, createSocket });
  const watched = client.subscribe(
    "cinema.watch",
    { screeningId },
    {
      onState: ({ seats }, { offset }) => story.begin(seats, offset),
      onEvent: (type, data) => story.go(type, data, watched.place?.offset ?? -1),
      onError: (error: CallError) => void story.faults.push(`refused: ${error.code}`),
    },
  );
  const more = { name: "the client", client, [Symbol.dispose]: () => client.close() };
  return Object.assign(story, more);
}

interface Answer {
  readonly type: string;
  readonly error?: string;
  readonly data: {
    readonly epoch: string;
    readonly offset: number;
    readonly recovered?: boolean;
    readonly state: { readonly seats: SeatMap };
    readonly missed: ReadonlyArray<{ type: string; data: { offset: number } }>;
    readonly retryAfterMs?: number;
  };
}

/** Watches with a bare socket, which corrects nothing: what comes twice shows. */
export function watchBare(url: string, screeningId: string): Resumed {
  const story = new Story();
  let epoch: string | undefined;
  let socket: WebSocket;
  let isClosed = false;
  const take = ({ type, data, error }: Answer) => {
    if (error !== undefined) {
      if (data.retryAfterMs === undefined) story.faults.push(`refused: ${error}`);
      socket.terminate();
    } else if (type !== "cinema.watch") {
      const { offset, ...event } = data;
      story.go(type, event, offset);
    } else if (data.recovered) {
      for (const missed of data.missed) {
        const { offset, ...event } = missed.data;
        story.go(missed.type, event, offset);
      }
      if (story.offset !== data.offset) story.faults.push(`recovered only to ${story.offset}`);
    } else {
      epoch = data.epoch;
      story.begin(data.state.seats, data.offset);
    }
  };
  const dial = () => {
    if (isClosed) return;
    story.connections += 1;
    socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on("error", () => {});
    socket.on("open", () => {
      const since = epoch === undefined ? {} : { epoch, offset: story.offset };
      const data = { screeningId, ...since };
      socket.send(JSON.stringify({ type: "cinema.watch", data, eid: "e", ts: 1 }));
    });
    socket.on("message", (frame: Buffer) => take(JSON.parse(frame.toString())));
    socket.on("close", () => setTimeout(dial, 5));
  };
  dial();
  const end = () => {
    isClosed = true;
    socket.terminate();
  };
  return Object.assign(story, { name: "the bare socket", [Symbol.dispose]: end });
}
