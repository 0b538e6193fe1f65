import type { Duplex } from "node:stream";
import type { Authenticator, Caller, Person } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import { internal, StoaError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { BoundSocket, SocketListener } from "./bound-socket.ts";
import {
  BAD_FRAMES,
  type CloseCode,
  FLOOD,
  IDLE,
  RESTARTING,
  SESSION_ENDED,
  SLOW_READER,
} from "./close-codes.ts";
import type { FlushQueue } from "./flush-queue.ts";
import { FrameBudget } from "./frame-budget.ts";
import {
  BAD_FRAMES_MAX,
  DISMISSAL_MS_MAX,
  FRAME_BUDGET,
  IDLE_MS,
  PING_INTERVAL_MS,
  REQUESTS_RUNNING_MAX,
  REVALIDATE_AFTER_MS,
  UNVALIDATED_MS_MAX,
} from "./limits.ts";
import { Outbound, type OutboundListener } from "./outbound.ts";

/** The other end of a socket, as the handshake has found it. */
export interface Peer {
  readonly ws: BoundSocket;
  /** What the frames travel on. */
  readonly socket: Duplex;
  readonly caller: Caller;
  /** Whose socket it is; undefined when nobody was signed in at the handshake. */
  readonly person: Person | undefined;
}

/** What all connections share. */
export interface ConnectionParts {
  readonly dispatch: Dispatch;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly flushes: FlushQueue;
  onPushed(pushes: number): void;
  onEnded(connection: Connection, reason: string): void;
}

/** What differs between protocols in how a socket lives. */
interface Habits {
  /** Whether the service pings: else the peer has to be heard of its own accord. */
  readonly pings: boolean;
  readonly sessionEnded: CloseCode;
}

/** One socket, from its handshake to its end; what is said on it is its protocol's. */
export abstract class Connection implements SocketListener, OutboundListener {
  readonly caller: Caller;
  /** Whose socket it is; undefined when nobody was signed in at the handshake. */
  readonly person: Person | undefined;
  readonly out: Outbound;
  protected readonly parts: ConnectionParts;
  readonly #ws: BoundSocket;
  readonly #habits: Habits;
  readonly #budget: FrameBudget;
  #abort: AbortController | undefined;
  #running = 0;
  #badFrames = 0;
  #heardAtMs: number;
  #pingedAtMs: number;
  #validatedAtMs: number;
  #isValidating = false;
  #isDismissed = false;
  /** Set once the connection is to be closed as soon as no request runs. */
  #leavingFor: CloseCode | undefined;
  /** Why it was or is being closed, as the metrics name it. */
  #closedFor: string | undefined;

  constructor(
    { ws, socket, caller, person }: Peer,
    parts: ConnectionParts,
    habits: Habits = { pings: true, sessionEnded: SESSION_ENDED },
  ) {
    const nowMs = parts.clock.monotonicMs();
    this.caller = caller;
    this.person = person;
    this.out = new Outbound(socket, parts.flushes, this);
    this.parts = parts;
    this.#ws = ws;
    this.#habits = habits;
    this.#budget = new FrameBudget(FRAME_BUDGET, nowMs);
    this.#heardAtMs = nowMs;
    this.#pingedAtMs = nowMs;
    this.#validatedAtMs = nowMs;
    ws.bind(this);
  }

  abstract get subscriptionCount(): number;

  /** @param waitMs how long a request has to wait because too many came; 0 when it may run */
  protected abstract take(payload: Buffer, isBinary: boolean, waitMs: number): void;

  /** @param isForGood the client is not to come back for them */
  protected abstract endSubscriptions(isForGood: boolean): void;

  receive(payload: Buffer, isBinary: boolean): void {
    const nowMs = this.parts.clock.monotonicMs();
    this.#heardAtMs = nowMs;
    if (this.#closedFor !== undefined || this.#isDismissed) return;
    const waitMs = this.#budget.take(FRAME_BUDGET, nowMs);
    if (waitMs === Number.POSITIVE_INFINITY) this.close(FLOOD);
    else this.take(payload, isBinary, waitMs);
  }

  heard(): void {
    const nowMs = this.parts.clock.monotonicMs();
    this.#heardAtMs = nowMs;
    if (this.#budget.take(FRAME_BUDGET, nowMs) === Number.POSITIVE_INFINITY) this.close(FLOOD);
  }

  broken(): void {
    this.#closedFor ??= "protocol_error";
    this.#detach();
  }

  ended(): void {
    this.#closedFor ??= "peer";
    this.#detach();
    this.parts.onEnded(this, this.#closedFor);
  }

  onOverfull(): void {
    this.close(SLOW_READER);
  }

  onPushed(pushes: number): void {
    this.parts.onPushed(pushes);
  }

  /** Sends what waits, then the close code; the peer has a moment to answer it. */
  close(why: CloseCode): void {
    if (this.#closedFor !== undefined) return;
    this.#closedFor = why.name;
    this.out.flush();
    this.#detach();
    this.#ws.close(why.code, why.reason);
  }

  /** Closes as soon as no request runs. */
  leave(why: CloseCode): void {
    const reason = this.#isDismissed ? this.#habits.sessionEnded : why;
    this.#leavingFor = reason;
    if (this.#running === 0) this.close(reason);
  }

  /**
   * The session behind it has ended: nothing more is pushed or taken, but the request that ended
   * it, a signing out above all, is answered.
   */
  dismiss(): void {
    if (this.#closedFor !== undefined) return;
    const { sessionEnded } = this.#habits;
    this.#isDismissed = true;
    this.endSubscriptions(true);
    this.leave(sessionEnded);
    this.parts.clock.after(DISMISSAL_MS_MAX, () => this.close(sessionEnded));
  }

  /** Ends the connection without a word. */
  terminate(): void {
    this.#closedFor ??= RESTARTING.name;
    this.#ws.terminate();
  }

  /** Looks after the connection, every few seconds. */
  visit(nowMs: number): void {
    if (this.#closedFor !== undefined) return;
    if (nowMs - this.#heardAtMs >= IDLE_MS) {
      this.close(IDLE);
      return;
    }
    if (this.#habits.pings && nowMs - this.#pingedAtMs >= PING_INTERVAL_MS) {
      this.#pingedAtMs = nowMs;
      this.#ws.ping();
    }
    if (this.person === undefined) return;
    const unvalidatedMs = nowMs - this.#validatedAtMs;
    if (unvalidatedMs >= UNVALIDATED_MS_MAX) this.close(this.#habits.sessionEnded);
    else if (unvalidatedMs >= REVALIDATE_AFTER_MS) void this.revalidate();
  }

  /** Looks whether the session behind it is still good, and closes it if not. */
  protected async revalidate(): Promise<void> {
    if (this.#isValidating) return;
    const { authenticator, clock, log } = this.parts;
    const nowMs = clock.monotonicMs();
    this.#isValidating = true;
    try {
      const actor = await authenticator.authenticate(this.caller.credentials);
      const isSame = actor.kind === "person" && actor.sessionId === this.person?.sessionId;
      if (isSame) this.#validatedAtMs = nowMs;
      else this.close(this.#habits.sessionEnded);
    } catch (err) {
      log.warn({ err }, "the session behind a socket could not be looked up");
    } finally {
      this.#isValidating = false;
    }
  }

  /** Nothing is written or taken any more, or will not be in a moment. */
  protected get isEnding(): boolean {
    return this.#closedFor !== undefined || this.#isDismissed;
  }

  /** As many requests run as may. */
  protected get isBusy(): boolean {
    return this.#running >= REQUESTS_RUNNING_MAX;
  }

  /** Aborted when the connection has ended. */
  protected get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Runs a request: whoever is to leave waits for it. It must not reject. */
  protected async run(work: () => Promise<void>): Promise<void> {
    this.#running += 1;
    try {
      await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#abort = undefined;
      if (this.#leavingFor !== undefined) this.leave(this.#leavingFor);
    }
  }

  /** What is told about a request's failure. */
  protected known(cause: unknown, requestId: string): StoaError {
    if (cause instanceof StoaError) return cause;
    this.parts.log.error({ err: cause, requestId }, "a socket request failed unexpectedly");
    return internal(undefined, { cause });
  }

  /** Counts a frame that was no well-formed request; it has been answered. */
  protected countBadFrame(): void {
    this.#badFrames += 1;
    if (this.#badFrames >= BAD_FRAMES_MAX) this.close(BAD_FRAMES);
  }

  /** Lets go of everything but the WebSocket itself. */
  #detach(): void {
    this.out.close();
    this.#abort?.abort();
    this.endSubscriptions(false);
  }
}
