import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { createMemoryBus, type MemoryExchange } from "../../src/adapters/bus/memory.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { type Actor, ANONYMOUS, type Person, type Revocation } from "../../src/core/actor.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Database } from "../../src/core/database.ts";
import type { Log } from "../../src/core/log.ts";
import { Presence } from "../../src/core/presence.ts";
import { SessionCookie } from "../../src/transports/http/cookies.ts";
import { OriginPolicy } from "../../src/transports/http/origins.ts";
import { phoenixProtocol } from "../../src/transports/phoenix/index.ts";
import { nativeProtocol } from "../../src/transports/socket/index.ts";
import {
  attachSockets,
  type SocketConfig,
  type SocketServer,
} from "../../src/transports/websocket/index.ts";
import { createBoardModule } from "./board-module.ts";
// Loaded before any test runs: what it closes at the end it would else close after the first one.
import "./database.ts";
import { createHarness, type Harness, newPerson } from "./module-harness.ts";
import { createRoomModule } from "./room-module.ts";
import { tryModule } from "./try-module.ts";
import { waitFor } from "./wait-for.ts";

const PATIENCE_MS = 10_000;

/** An answer, an error or a push. */
export interface Frame {
  readonly type: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly eid: string | null;
  readonly ts: number | null;
  readonly error?: string;
}

/** A client that knows nothing but WebSocket, and remembers what it was sent. */
export interface TestSocket {
  readonly ws: WebSocket;
  /** The frames as text, in order. */
  readonly received: readonly string[];
  readonly frames: readonly Frame[];
  send(frame: unknown): void;
  /** Sends a request and resolves with the answer of its type and eid. */
  ask(type: string, data?: unknown, eid?: string): Promise<Frame>;
  /** Resolves with the first frame that fits. */
  next(what: string, fits: (frame: Frame) => boolean): Promise<Frame>;
  /** The pushes of a subscription. */
  pushes(eid: string): Frame[];
  /** Resolves when the socket has ended. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

export interface ConnectOptions {
  readonly path?: string;
  readonly origin?: string;
  /** Sent as cookie. */
  readonly cookie?: string;
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Answers no ping. */
  readonly silent?: boolean;
  readonly subprotocols?: readonly string[];
}

export interface SocketHarness extends AsyncDisposable {
  readonly harness: Harness;
  readonly sockets: SocketServer;
  readonly presence: Presence;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  connect(options?: ConnectOptions): Promise<TestSocket>;
  /** A socket to the given path that is not open yet. */
  dial(options?: ConnectOptions): WebSocket;
  /** Tries to connect; resolves with the HTTP answer that came instead of the 101. */
  refused(options?: ConnectOptions): Promise<{ status: number; body: string; retryAfter?: string }>;
  /** A person and the token that signs them in. */
  signIn(): { person: Person; token: string };
  /** Ends sessions, and tells the listeners or not. */
  revoke(revocation: Revocation, tell?: boolean): void;
  post(board: string, ...notes: string[]): Promise<void>;
}

export interface SocketHarnessOptions {
  readonly clock?: Clock;
  readonly database?: Database;
  readonly log?: Log;
  readonly config?: Partial<SocketConfig>;
  readonly allowedOrigins?: readonly string[];
  readonly publicUrl?: string;
  /** Stands before each look at credentials. */
  readonly beforeAuthenticate?: () => Promise<void>;
  /** Shared by the services that play the nodes of one installation, as are the people. */
  readonly exchange?: MemoryExchange;
  readonly sessions?: Map<string, Person>;
  /** The module that is at the root as well. */
  readonly only?: string;
  /** See `BoardParts`. */
  readonly duringSnapshot?: (topic: string) => void;
}

/** Both sockets over a real pipeline, on a port of its own. */
export async function startSocket(options: SocketHarnessOptions = {}): Promise<SocketHarness> {
  const { sessions = new Map<string, Person>(), exchange } = options;
  const listeners: Array<(revocation: Revocation) => void> = [];
  const authenticator = {
    async authenticate({
      bearer,
      cookie,
    }: {
      bearer?: string | undefined;
      cookie?: string | undefined;
    }): Promise<Actor> {
      await options.beforeAuthenticate?.();
      return sessions.get(bearer ?? cookie ?? "") ?? ANONYMOUS;
    },
    onRevoked: (listener: (revocation: Revocation) => void) => void listeners.push(listener),
  };
  const bus = createMemoryBus({
    log: createLog({ level: "silent" }),
    ...(exchange === undefined ? {} : { exchange }),
  });
  const harness = await createHarness({
    bus,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.database === undefined ? {} : { database: options.database }),
    authenticator: () => authenticator,
    modules: ({ eventLog }) => [
      tryModule,
      createBoardModule({ eventLog, duringSnapshot: options.duringSnapshot }),
      createRoomModule({ eventLog }),
    ],
  });
  const { clock, ids } = harness.ports;
  const { dispatch, registry, streams } = harness;
  const log = options.log ?? harness.ports.log;
  const presence = new Presence({ nodeId: ids.uuid(), bus, clock, log });
  const server = createServer((_request, response) => response.writeHead(404).end());
  const paths = ["/socket", "/try/socket"];
  const sockets = attachSockets({
    server,
    protocols: [
      nativeProtocol({ paths, dispatch, clock, cookie: new SessionCookie(false) }),
      phoenixProtocol({ registry, streams, presence, only: options.only }),
    ],
    dispatch,
    authenticator,
    clock,
    ids,
    log,
    origins: new OriginPolicy({
      allowedOrigins: options.allowedOrigins ?? [],
      publicUrl: options.publicUrl,
      production: options.publicUrl !== undefined,
    }),
    config: {
      trustedProxies: [],
      connectionsPerNetworkMax: 5_000,
      connectionsPerPersonMax: 100,
      handshakeBudget: { burst: 1_000_000, perSecond: 1_000_000 },
      ...options.config,
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const dial = (to: ConnectOptions) => {
    const headers: Record<string, string> = { ...to.headers };
    if (to.cookie !== undefined) headers["cookie"] = `other=1; stoa=${to.cookie}`;
    if (to.bearer !== undefined) headers["authorization"] = `Bearer ${to.bearer}`;
    const url = `ws://127.0.0.1:${to.port ?? port}${to.path ?? "/socket"}`;
    const origin = to.origin === undefined ? {} : { origin: to.origin };
    return new WebSocket(url, [...(to.subprotocols ?? [])], {
      headers,
      ...origin,
      perMessageDeflate: false,
      autoPong: !to.silent,
    });
  };

  return {
    harness,
    sockets,
    presence,
    server,
    port,
    url: `ws://127.0.0.1:${port}/socket`,
    async connect(to = {}) {
      const socket = bind(dial(to));
      await once(socket.ws, "open");
      return socket;
    },
    dial: (to = {}) => dial(to),
    async refused(to = {}) {
      const ws = dial(to);
      ws.on("error", () => {});
      const opened = once(ws, "open").then(() => Promise.reject(new Error("it was let in")));
      const [, response] = await Promise.race([once(ws, "unexpected-response"), opened]);
      let body = "";
      for await (const chunk of response) body += String(chunk);
      const retryAfter: string | undefined = response.headers["retry-after"];
      return {
        status: response.statusCode,
        body,
        ...(retryAfter === undefined ? {} : { retryAfter }),
      };
    },
    signIn() {
      const person = newPerson(ids, clock);
      const token = ids.uuid();
      sessions.set(token, person);
      return { person, token };
    },
    revoke(revocation, tell = true) {
      for (const [token, { accountId, sessionId }] of sessions) {
        const isAll = revocation.sessionId === undefined;
        if (accountId !== revocation.accountId) continue;
        if (isAll || sessionId === revocation.sessionId) sessions.delete(token);
      }
      if (tell) for (const listener of listeners) listener(revocation);
    },
    async post(board, ...notes) {
      await harness.call("board.postMany", { board, notes });
    },
    async [Symbol.asyncDispose]() {
      sockets.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      presence.close();
      await harness[Symbol.asyncDispose]();
      await bus.close();
    },
  };
}

let asked = 0;

function bind(ws: WebSocket): TestSocket {
  const received: string[] = [];
  const frames: Frame[] = [];
  ws.on("message", (payload: Buffer) => {
    received.push(payload.toString());
    frames.push(JSON.parse(payload.toString()));
  });
  ws.on("error", () => {});
  const closed = once(ws, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
  const socket: TestSocket = {
    ws,
    received,
    frames,
    closed,
    send: (frame) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    async ask(type, data = {}, eid = `ask-${++asked}`) {
      const before = frames.length;
      socket.send({ type, data, eid, ts: 1_700_000_000_000 });
      const isAnswer = (frame: Frame) => frame.type === type && frame.eid === eid;
      return found(() => frames.slice(before).find(isAnswer), `the answer to ${type}`);
    },
    next: (what, fits) => found(() => frames.find(fits), what),
    pushes: (eid) => frames.filter((frame) => frame.eid === eid && frame.type === "board.posted"),
  };
  return socket;
}

async function found<T>(look: () => T | undefined, what: string): Promise<T> {
  const value = await waitFor(look, { what, timeoutMs: PATIENCE_MS });
  if (value === undefined) throw new Error(what);
  return value;
}
