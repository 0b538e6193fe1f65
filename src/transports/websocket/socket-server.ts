import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type Server as WsServer } from "ws";
import {
  type Actor,
  ANONYMOUS,
  type Authenticator,
  type Caller,
  type Person,
} from "../../core/actor.ts";
import { type Clock, sleep, type Timer } from "../../core/clock.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import { pathNotFound, StoaError, unavailable } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import { type Budget, CALL_BUDGET, TokenBuckets } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { networkOf } from "../../core/network.ts";
import { BoundSocket } from "./bound-socket.ts";
import { TrustedProxies } from "./client-address.ts";
import { RESTARTING } from "./close-codes.ts";
import type { Connection, ConnectionParts } from "./connection.ts";
import { tooManySockets } from "./errors.ts";
import { FlushQueue } from "./flush-queue.ts";
import {
  type HandshakeRules,
  type OriginRule,
  pathOf,
  readPeer,
  refuseHandshake,
} from "./handshake.ts";
import {
  CLOSE_GRACE_MS,
  DRAIN_MS_MAX,
  DRAIN_MS_PER_SOCKET,
  DRAIN_SPREAD_MS_MAX,
  DRAIN_STEP_MS,
  FRAGMENTS_MAX,
  HANDSHAKE_RETRY_AFTER_MS,
  HANDSHAKE_TIMEOUT_MS,
  SOCKETS_MAX,
} from "./limits.ts";
import { Population, Tally } from "./population.ts";
import type { Protocol } from "./protocol.ts";
import { Visits } from "./visits.ts";

export interface SocketParts {
  /** The server whose upgrades are taken; its plain requests are somebody else's. */
  readonly server: Server;
  /** What is spoken, each at its own paths. */
  readonly protocols: readonly Protocol[];
  readonly dispatch: Dispatch;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly origins: OriginRule;
  readonly config: SocketConfig;
}

export interface SocketConfig {
  /** Addresses and ranges of the proxies whose X-Forwarded headers count. */
  readonly trustedProxies: readonly string[];
  /** By network, of which one IPv6 customer has many addresses. */
  readonly connectionsPerNetworkMax: number;
  readonly connectionsPerPersonMax: number;
  /** Handshakes by network; {@link CALL_BUDGET} when absent. */
  readonly handshakeBudget?: Budget | undefined;
}

/** Figures of a protocol since the start, for the metrics. */
export interface SocketStats {
  readonly open: number;
  readonly subscriptions: number;
  /** Pushes written, one for each subscriber that was written to. */
  readonly pushes: number;
  /** Sockets that ended, by the names of `close-codes.ts`, `peer` and `protocol_error`. */
  readonly closed: Readonly<Record<string, number>>;
  /** Handshakes that were refused, by error code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** A protocol with what it needs to be spoken here. */
interface Spoken {
  readonly protocol: Protocol;
  readonly ws: WsServer<typeof BoundSocket>;
  readonly parts: ConnectionParts;
  readonly connections: Set<Connection>;
  readonly closed: Record<string, number>;
  readonly refused: Record<string, number>;
  pushes: number;
}

/** The sockets of a node. What bounds them bounds all protocols together. */
export class SocketServer {
  readonly #parts: SocketParts;
  readonly #rules: HandshakeRules;
  readonly #spoken: readonly [Spoken, ...Spoken[]];
  readonly #byPath: ReadonlyMap<string, Spoken>;
  readonly #flushes: FlushQueue;
  readonly #visits: Visits;
  readonly #population = new Population();
  /** Handshakes and sockets by network. */
  readonly #networks = new Tally();
  #handshakes = 0;
  #isLeaving = false;

  constructor(parts: SocketParts) {
    const { config, authenticator, clock } = parts;
    this.#parts = parts;
    this.#rules = {
      ...parts,
      proxies: new TrustedProxies(config.trustedProxies),
      budgets: new TokenBuckets(clock, config.handshakeBudget ?? CALL_BUDGET),
    };
    this.#flushes = new FlushQueue(clock);
    this.#visits = new Visits(clock);
    const [first, ...others] = parts.protocols.map((protocol) => this.#speak(protocol));
    if (first === undefined) throw new Error("Nothing is spoken on the sockets.");
    this.#spoken = [first, ...others];
    const places = this.#spoken.flatMap((spoken) =>
      spoken.protocol.paths.map((path) => [path, spoken] as const),
    );
    this.#byPath = new Map(places);
    if (this.#byPath.size < places.length) throw new Error("Two protocols share a path.");
    parts.server.on("upgrade", this.#onUpgrade);
    authenticator.onRevoked((revocation) => {
      for (const connection of this.#population.revokedBy(revocation)) {
        connection.dismiss();
      }
    });
  }

  #speak(protocol: Protocol): Spoken {
    const { dispatch, authenticator, clock, ids, log } = this.#parts;
    const spoken: Spoken = {
      protocol,
      ws: new WebSocketServer(optionsOf(protocol)),
      connections: new Set(),
      closed: {},
      refused: {},
      pushes: 0,
      parts: {
        dispatch,
        authenticator,
        clock,
        ids,
        log,
        flushes: this.#flushes,
        onPushed: (pushes) => {
          spoken.pushes += pushes;
        },
        onEnded: (connection, reason) => this.#onEnded(spoken, connection, reason),
      },
    };
    return spoken;
  }

  /** Open sockets. */
  get count(): number {
    return this.#population.size;
  }

  /** @param name of the protocol; without it that of the first one */
  stats(name = this.#spoken[0].protocol.name): SocketStats {
    const spoken = this.#spoken.find(({ protocol }) => protocol.name === name);
    if (spoken === undefined) throw new Error(`${name} is not spoken here.`);
    const { connections, pushes, closed, refused } = spoken;
    let subscriptions = 0;
    for (const connection of connections) subscriptions += connection.subscriptionCount;
    return {
      open: connections.size,
      subscriptions,
      pushes,
      closed: { ...closed },
      refused: { ...refused },
    };
  }

  /**
   * Takes no more sockets and tells those there are to reconnect, one after the other, each once
   * its running requests are answered. Resolves when all have gone or the time is up.
   */
  async drain(): Promise<void> {
    const { clock } = this.#parts;
    this.#isLeaving = true;
    const startedMs = clock.monotonicMs();
    const leaving = [...this.#population];
    const spreadMs = Math.min(leaving.length * DRAIN_MS_PER_SOCKET, DRAIN_SPREAD_MS_MAX);
    const steps = Math.max(1, Math.ceil(spreadMs / DRAIN_STEP_MS));
    const batch = Math.ceil(leaving.length / steps);
    for (let at = 0; at < leaving.length; at += batch) {
      for (const connection of leaving.slice(at, at + batch)) connection.leave(RESTARTING);
      await sleep(clock, DRAIN_STEP_MS);
    }
    while (this.count > 0 && clock.monotonicMs() - startedMs < DRAIN_MS_MAX) {
      await sleep(clock, DRAIN_STEP_MS);
    }
  }

  /** Ends every socket at once. */
  close(): void {
    this.#isLeaving = true;
    this.#parts.server.off("upgrade", this.#onUpgrade);
    for (const connection of [...this.#population]) connection.terminate();
    this.#visits.close();
    this.#flushes.close();
    for (const { ws } of this.#spoken) ws.close();
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until the library takes over nobody else listens, and an error unheard ends the process.
    socket.on("error", destroyThis);
    const spoken = this.#byPath.get(pathOf(request));
    if (spoken === undefined) {
      this.#refuse(this.#spoken[0], socket, pathNotFound());
      return;
    }
    try {
      const { address, userAgent } = readPeer(request, this.#rules);
      const { protocol } = spoken;
      const credentials = protocol.credentials(request);
      const caller = { transport: protocol.name, address, userAgent, credentials };
      this.#checkRoom(address);
      void this.#shake(spoken, { request, socket, head, caller });
    } catch (cause) {
      this.#refuse(spoken, socket, cause);
    }
  };

  #checkRoom(address: string): void {
    const retry = { retryAfterMs: HANDSHAKE_RETRY_AFTER_MS };
    const isFull = this.count + this.#handshakes >= SOCKETS_MAX;
    if (this.#isLeaving || isFull) throw unavailable(undefined, retry);
    const { connectionsPerNetworkMax } = this.#parts.config;
    if (this.#networks.of(networkOf(address)) >= connectionsPerNetworkMax) {
      throw tooManySockets(undefined, retry);
    }
  }

  /** From the request to the 101. The network is counted from here until the socket has ended. */
  async #shake(spoken: Spoken, upgrade: Upgrade): Promise<void> {
    const { clock } = this.#parts;
    const { socket, caller } = upgrade;
    this.#handshakes += 1;
    this.#networks.add(networkOf(caller.address));
    const timer: Timer = clock.after(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
    let isOpen = false;
    try {
      const actor = await this.#authenticate(caller);
      spoken.protocol.admit?.(actor);
      const person = actor.kind === "person" ? actor : undefined;
      this.#checkShare(person);
      if (!socket.destroyed) isOpen = this.#open(spoken, upgrade, person);
    } catch (cause) {
      this.#refuse(spoken, socket, cause);
    } finally {
      timer.cancel();
      this.#handshakes -= 1;
      if (!isOpen) this.#networks.remove(networkOf(caller.address));
    }
  }

  /** Whose socket it will be: nobody's when no valid sign-in came along. */
  #authenticate({ credentials, address }: Caller): Actor | Promise<Actor> {
    const { bearer, cookie } = credentials;
    if (bearer === undefined && cookie === undefined) return ANONYMOUS;
    return this.#parts.authenticator.authenticate(credentials, address);
  }

  #checkShare(person: Person | undefined): void {
    if (person === undefined) return;
    if (this.#population.countOf(person.accountId) >= this.#parts.config.connectionsPerPersonMax) {
      throw tooManySockets(undefined, { retryAfterMs: HANDSHAKE_RETRY_AFTER_MS });
    }
  }

  /** Answers whether the library found the handshake in order; if not, it has answered itself. */
  #open(
    spoken: Spoken,
    { request, socket, head, caller }: Upgrade,
    person: Person | undefined,
  ): boolean {
    let isOpen = false;
    spoken.ws.handleUpgrade(request, socket, head, (ws) => {
      isOpen = true;
      socket.off("error", destroyThis);
      const peer = { ws, socket, caller, person };
      const connection = spoken.protocol.connect(peer, request, spoken.parts);
      spoken.connections.add(connection);
      this.#population.add(connection);
      this.#visits.add(connection);
      const { origin } = request.headers;
      this.#parts.log.info({ ...describe(connection), origin }, "a socket opened");
    });
    return isOpen;
  }

  #onEnded(spoken: Spoken, connection: Connection, reason: string): void {
    spoken.connections.delete(connection);
    this.#population.remove(connection);
    this.#visits.remove(connection);
    this.#networks.remove(networkOf(connection.caller.address));
    spoken.closed[reason] = (spoken.closed[reason] ?? 0) + 1;
    this.#parts.log.info({ ...describe(connection), reason }, "a socket ended");
  }

  #refuse({ refused }: Spoken, socket: Duplex, cause: unknown): void {
    const { ids, log } = this.#parts;
    const requestId = ids.uuid();
    const isKnown = cause instanceof StoaError;
    if (!isKnown) log.error({ err: cause, requestId }, "a socket's handshake failed unexpectedly");
    const error = isKnown
      ? cause
      : unavailable(undefined, { cause, retryAfterMs: HANDSHAKE_RETRY_AFTER_MS });
    refused[error.code] = (refused[error.code] ?? 0) + 1;
    if (!socket.destroyed) refuseHandshake(socket, error, requestId);
  }
}

/** A request to become a socket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly caller: Caller;
}

function optionsOf(protocol: Protocol) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: protocol.frameBytesMax,
    maxFragments: FRAGMENTS_MAX,
    closeTimeout: CLOSE_GRACE_MS,
    handleProtocols: (offered: Set<string>) => protocol.subprotocol?.(offered) ?? false,
    WebSocket: BoundSocket,
  };
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

function describe({ caller, person }: Connection) {
  return { transport: caller.transport, address: caller.address, accountId: person?.accountId };
}
