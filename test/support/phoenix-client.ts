import { once } from "node:events";
import * as newest from "phoenix";
import * as oldest from "phoenix-1.8.0";
import type { WebSocket as RawSocket } from "ws";
import type { ConnectOptions, SocketHarness } from "./socket-harness.ts";
import { waitFor } from "./wait-for.ts";

/** The official client in the versions that are held to: an installation may have any between. */
export const CLIENTS = [
  { version: "1.8.0", ...oldest },
  { version: "1.8.16", ...newest },
] as const;

export const ROOM_SOCKET = "/room/socket/websocket";

export type Client = (typeof CLIENTS)[number];

/** What a push or a join was answered. */
export interface Answered {
  readonly status: string;
  readonly response: Readonly<Record<string, unknown>>;
}

/** Resolves with the answer of whatever status. */
export function answered(push: newest.Push): Promise<Answered> {
  return new Promise((resolve) => {
    for (const status of ["ok", "error", "timeout"]) {
      push.receive(status, (response: Answered["response"]) => resolve({ status, response }));
    }
  });
}

/** Connects the official client, which goes on trying until it is disconnected. */
export function dialOfficial(
  client: Client,
  service: SocketHarness,
  options: newest.SocketOptions = {},
): newest.Socket & Disposable {
  const socket = new client.Socket(`ws://127.0.0.1:${service.port}/room/socket`, {
    transport: WebSocket,
    reconnectAfterMs: () => 10,
    rejoinAfterMs: () => 10,
    ...options,
  });
  socket.connect();
  return Object.assign(socket, { [Symbol.dispose]: () => socket.disconnect() });
}

/** A frame of version 2. */
export type WireFrame = readonly [
  joinRef: string | number | null,
  ref: string | number | null,
  topic: string,
  event: string,
  payload: Readonly<Record<string, unknown>>,
];

/** A client that knows nothing but frames. */
export interface RawClient {
  readonly ws: RawSocket;
  /** Text frames in order, as they came. */
  readonly texts: readonly string[];
  readonly frames: readonly WireFrame[];
  readonly binaries: readonly Buffer[];
  send(frame: unknown): void;
  /** Sends a frame and resolves with the reply to its `ref`. */
  ask(...frame: WireFrame): Promise<WireFrame>;
  /** Joins with the ref as join_ref. */
  join(topic: string, params?: object, ref?: string): Promise<WireFrame>;
  /** Resolves with the first frame of the event, after so many frames. */
  next(event: string, after?: number): Promise<WireFrame>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Connects with raw frames; `vsn` 2 unless the query says otherwise. */
export async function dialRaw(
  service: SocketHarness,
  token: string,
  options: ConnectOptions & { readonly query?: string } = {},
): Promise<RawClient> {
  const { query = "&vsn=2.0.0", ...to } = options;
  const ws = service.dial({ path: `${ROOM_SOCKET}?token=${token}${query}`, ...to });
  const texts: string[] = [];
  const frames: WireFrame[] = [];
  const binaries: Buffer[] = [];
  ws.on("error", () => {});
  ws.on("message", (payload: Buffer, isBinary) => {
    if (isBinary) {
      binaries.push(payload);
    } else {
      texts.push(payload.toString());
      frames.push(JSON.parse(payload.toString()));
    }
  });
  const closed = once(ws, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(ws, "open");
  const found = async (what: string, find: () => WireFrame | undefined) => {
    const frame = await waitFor(find, { what, timeoutMs: 10_000 });
    if (frame === undefined) throw new Error(what);
    return frame;
  };
  const client: RawClient = {
    ws,
    texts,
    frames,
    binaries,
    closed,
    send: (frame) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    ask(...frame) {
      const before = frames.length;
      client.send(frame);
      const isReply = ([, ref, , event]: WireFrame) => ref === frame[1] && event === "phx_reply";
      return found(`the reply to ${frame[3]}`, () => frames.slice(before).find(isReply));
    },
    join(topic, params = {}, ref) {
      joins += 1;
      const own = ref ?? String(joins);
      return client.ask(own, own, topic, "phx_join", { ...params });
    },
    next: (event, after = 0) =>
      found(event, () => frames.slice(after).find((frame) => frame[3] === event)),
  };
  return client;
}

let joins = 1_000;
