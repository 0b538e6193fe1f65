import type { ListenersOptions } from "../processes/listeners.ts";
import { type Measured, startMeasured } from "./measured.ts";
import type { Pushed, Rhythm } from "./pushing.ts";

/** What is pushed: a seat was taken, as `cinema.watch` tells it. */
const TYPE = "cinema.seats";

/** A server with sockets that all hear the same, whatever serves them. */
export interface Audience extends AsyncDisposable {
  readonly server: Measured;
  /** Opens the sockets in the given process. */
  open(listeners: Measured, group: string, count: number): Promise<void>;
  push(rhythm: Rhythm): Promise<Pushed>;
}

type Options = Omit<ListenersOptions, "group" | "count">;

function audience(
  server: Measured,
  options: Options,
  pushing: Readonly<Record<string, unknown>>,
): Audience {
  return {
    server,
    async open(listeners, group, count) {
      await listeners.ask("open", { ...options, group, count });
    },
    push: (rhythm) => server.ask("push", { rhythm, ...pushing }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The seats of a screening of Stoa. */
export async function stoaAudience(databaseUrl?: string): Promise<Audience> {
  const server = await startMeasured("stoa.ts", databaseUrl === undefined ? [] : [databaseUrl]);
  const { handshake, event } = await newScreening(server);
  return audience(server, handshake, { ...event(1) });
}

/** A new screening of Stoa: how to watch it, and what its watchers hear. */
export async function newScreening(server: Measured) {
  const { screeningId } = await server.ask<{ screeningId: string }>("newStage");
  const url = `${(await server.ask<string>("url")).replace("http", "ws")}/socket`;
  const request = { type: "cinema.watch", data: { screeningId }, eid: SAMPLE_ID, ts: 0 };
  const topic = `cinema.screening.${screeningId}`;
  return {
    handshake: { url, greeting: JSON.stringify(request), welcomes: 1 },
    /** So many seats are taken. */
    event: (seats: number) => ({ topic, type: TYPE, data: seatsTaken(screeningId, seats) }),
  };
}

/** A room of Socket.IO. */
export async function socketIoAudience(): Promise<Audience> {
  const server = await startMeasured("socket-io.ts");
  const url = await server.ask<string>("url");
  const pushing = { type: TYPE, data: seatsTaken(SAMPLE_ID, 1) };
  return audience(server, { url, greeting: "40", welcomes: 2 }, pushing);
}

/** A loop over the sockets of ws, with the very bytes that Stoa pushes. */
export async function wsAudience(): Promise<Audience> {
  const server = await startMeasured("bare-ws.ts");
  const data = { offset: 1_000, ...seatsTaken(SAMPLE_ID, 1) };
  const text = JSON.stringify({ type: TYPE, data, eid: SAMPLE_ID, ts: 1_790_000_000_000 });
  return audience(server, { url: await server.ask<string>("url"), welcomes: 0 }, { text });
}

const SAMPLE_ID = "01935a52-0000-7000-8000-000000000000";

function seatsTaken(screeningId: string, seats: number) {
  const seat = { seatId: "C12", state: "held", by: "kVb3TqP0xQ1", untilMs: 1_790_000_600_000 };
  return { screeningId, changes: Array.from({ length: seats }, () => seat) };
}
