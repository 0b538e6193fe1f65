import type { Duplex } from "node:stream";
import type { Authenticator, Caller, Person } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import type { Call, Dispatch } from "../../core/dispatch.ts";
import { internal, malformed, StoaError, tooMany } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import { isWriting } from "../../core/method.ts";
import { Empty } from "../../core/schema.ts";
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
import {
  answerFrame,
  type Envelope,
  errorFrame,
  NO_ENVELOPE,
  openedData,
  type Reading,
  readRequest,
  type SocketRequest,
} from "./envelope.ts";
import {
  eidInUse,
  notSubscribed,
  subscriptionEnded,
  subscriptionLost,
  tooManySubscriptions,
} from "./errors.ts";
import type { FlushQueue } from "./flush-queue.ts";
import { FrameBudget } from "./frame-budget.ts";
import {
  BAD_FRAMES_MAX,
  DISMISSAL_MS_MAX,
  FRAME_BUDGET,
  IDLE_MS,
  PING_INTERVAL_MS,
  REQUESTS_RETRY_AFTER_MS,
  REQUESTS_RUNNING_MAX,
  REVALIDATE_AFTER_MS,
  SUBSCRIPTION_EID_BYTES_MAX,
  SUBSCRIPTIONS_MAX,
  UNVALIDATED_MS_MAX,
} from "./limits.ts";
import { Outbound, type OutboundListener } from "./outbound.ts";
import { eidSlot, type PushEncoder } from "./push-run.ts";
import { SocketSubscription, type SubscriptionHost } from "./socket-subscription.ts";

/** Answered by the socket itself, so that a client that cannot send pings can tell it is alive. */
const PING = "ping";

const BINARY_FRAME: Reading = {
  envelope: NO_ENVELOPE,
  error: malformed({ reason: "A frame is text, not binary." }),
};

/** What all connections share. */
export interface ConnectionParts {
  readonly dispatch: Dispatch;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly encoder: PushEncoder;
  readonly flushes: FlushQueue;
  onPushed(pushes: number): void;
  onEnded(connection: Connection, reason: string): void;
}

/** One socket: its requests, its subscriptions and its end. */
export class Connection implements SocketListener, OutboundListener, SubscriptionHost {
  readonly caller: Caller;
  /** Whose socket it is; undefined when nobody was signed in at the handshake. */
  readonly person: Person | undefined;
  readonly out: Outbound;
  readonly #ws: BoundSocket;
  readonly #parts: ConnectionParts;
  readonly #budget: FrameBudget;
  #subscriptions: Map<string, SocketSubscription> | undefined;
  #abort: AbortController | undefined;
  #running = 0;
  #badFrames = 0;
  #heardAtMs: number;
  #pingedAtMs: number;
  #validatedAtMs: number;
  #isValidating = false;
  /** Set once the connection is to be closed as soon as no request runs. */
  #leavingFor: CloseCode | undefined;
  /** Why it was or is being closed, as the metrics name it. */
  #closedFor: string | undefined;

  constructor(
    ws: BoundSocket,
    socket: Duplex,
    who: { readonly caller: Caller; readonly person: Person | undefined },
    parts: ConnectionParts,
  ) {
    const nowMs = parts.clock.monotonicMs();
    this.caller = who.caller;
    this.person = who.person;
    this.out = new Outbound(socket, parts.flushes, this);
    this.#ws = ws;
    this.#parts = parts;
    this.#budget = new FrameBudget(FRAME_BUDGET, nowMs);
    this.#heardAtMs = nowMs;
    this.#pingedAtMs = nowMs;
    this.#validatedAtMs = nowMs;
    ws.bind(this);
  }

  get encoder(): PushEncoder {
    return this.#parts.encoder;
  }

  get subscriptionCount(): number {
    return this.#subscriptions?.size ?? 0;
  }

  receive(payload: Buffer, isBinary: boolean): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#heardAtMs = nowMs;
    if (this.#closedFor !== undefined || this.#leavingFor === SESSION_ENDED) return;
    const waitMs = this.#budget.take(FRAME_BUDGET, nowMs);
    if (waitMs === Number.POSITIVE_INFINITY) {
      this.close(FLOOD);
      return;
    }
    const reading = isBinary ? BINARY_FRAME : readRequest(payload);
    if ("error" in reading) this.#refuseFrame(reading.envelope, reading.error);
    else if (reading.request.type === PING) this.out.answer(answerFrame(reading.request, {}));
    else if (waitMs > 0) this.#refuse(reading.request, tooMany(undefined, retryAfter(waitMs)));
    else if (this.#running < REQUESTS_RUNNING_MAX) void this.#run(reading.request);
    else this.#refuse(reading.request, tooMany(undefined, retryAfter(REQUESTS_RETRY_AFTER_MS)));
  }

  heard(): void {
    const nowMs = this.#parts.clock.monotonicMs();
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
    this.#parts.onEnded(this, this.#closedFor);
  }

  onOverfull(): void {
    this.close(SLOW_READER);
  }

  onPushed(pushes: number): void {
    this.#parts.onPushed(pushes);
  }

  onLost(subscription: SocketSubscription): void {
    this.#forget(subscription);
    this.#refuse(subscription.request, subscriptionLost(undefined, retryAfter(0)));
  }

  onEnded(subscription: SocketSubscription): void {
    // What was pushed last goes before the news that it was the last.
    this.out.flush();
    this.#forget(subscription);
    this.#refuse(subscription.request, subscriptionEnded());
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
    const reason = this.#leavingFor === SESSION_ENDED ? SESSION_ENDED : why;
    this.#leavingFor = reason;
    if (this.#running === 0) this.close(reason);
  }

  /**
   * The session behind it has ended: nothing more is pushed or taken, but the request that ended
   * it, a signing out above all, is answered.
   */
  dismiss(): void {
    if (this.#closedFor !== undefined) return;
    this.#endSubscriptions();
    this.leave(SESSION_ENDED);
    this.#parts.clock.after(DISMISSAL_MS_MAX, () => this.close(SESSION_ENDED));
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
    if (nowMs - this.#pingedAtMs >= PING_INTERVAL_MS) {
      this.#pingedAtMs = nowMs;
      this.#ws.ping();
    }
    if (this.person === undefined) return;
    const unvalidatedMs = nowMs - this.#validatedAtMs;
    if (unvalidatedMs >= UNVALIDATED_MS_MAX) this.close(SESSION_ENDED);
    else if (unvalidatedMs >= REVALIDATE_AFTER_MS && !this.#isValidating)
      void this.#validate(nowMs);
  }

  async #validate(nowMs: number): Promise<void> {
    const { authenticator, log } = this.#parts;
    this.#isValidating = true;
    try {
      const actor = await authenticator.authenticate(this.caller.credentials);
      const isSame = actor.kind === "person" && actor.sessionId === this.person?.sessionId;
      if (isSame) this.#validatedAtMs = nowMs;
      else this.close(SESSION_ENDED);
    } catch (err) {
      log.warn({ err }, "the session behind a socket could not be looked up");
    } finally {
      this.#isValidating = false;
    }
  }

  async #run(request: SocketRequest): Promise<void> {
    const requestId = this.#parts.ids.uuid();
    this.#running += 1;
    try {
      await this.#perform(request, requestId);
    } catch (cause) {
      this.#refuse(request, this.#known(cause, requestId), requestId);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#abort = undefined;
      if (this.#leavingFor !== undefined) this.leave(this.#leavingFor);
    }
  }

  async #perform(request: SocketRequest, requestId: string): Promise<void> {
    const { dispatch } = this.#parts;
    const { endings, subscriptions } = dispatch.registry;
    const ended = endings.get(request.type);
    if (ended !== undefined) return this.#end(request, ended);
    const call = this.#call(request, requestId);
    if (subscriptions.has(request.type)) return this.#open(request, call);
    this.out.answer(answerFrame(request, await dispatch.call(call)));
  }

  #call({ type, eid, ts, data, bytes }: SocketRequest, requestId: string): Call {
    this.#abort ??= new AbortController();
    const method = this.#parts.dispatch.registry.methods.get(type);
    const isRepeatable = eid !== null && method !== undefined && isWriting(method);
    return {
      name: type,
      input: data,
      inputBytes: bytes,
      caller: this.caller,
      requestId,
      // The data is part of the key: a client that always sends one eid means another call by it.
      repeatKey: isRepeatable ? JSON.stringify([eid, ts, data]) : undefined,
      signal: this.#abort.signal,
    };
  }

  async #open(request: SocketRequest, call: Call): Promise<void> {
    const subscription = this.#register(request);
    const opening = Promise.withResolvers<void>();
    subscription.opening = opening.promise;
    try {
      const stream = await this.#parts.dispatch.open(call, subscription);
      // Everything the socket has subscribed to may have ended meanwhile.
      const isWanted = this.#subscriptions?.get(subscription.request.eid ?? "") === subscription;
      if (!isWanted || subscription.isLost) {
        stream.close();
        throw subscriptionLost(undefined, retryAfter(0));
      }
      this.out.writeNow(answerFrame(request, openedData(stream.opened)));
      subscription.start(stream);
    } catch (cause) {
      this.#forget(subscription);
      throw cause;
    } finally {
      subscription.opening = undefined;
      opening.resolve();
    }
  }

  #register(request: SocketRequest): SocketSubscription {
    const { eid, slot } = nameOf(request);
    this.#subscriptions ??= new Map();
    if (this.#subscriptions.has(eid)) throw eidInUse();
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) throw tooManySubscriptions();
    const { type, ts } = request;
    const subscription = new SocketSubscription({ type, eid, ts }, slot, this);
    this.#subscriptions.set(eid, subscription);
    return subscription;
  }

  /** Ends a subscription; one that is being opened is answered first. */
  async #end(request: SocketRequest, name: string): Promise<void> {
    if (!Empty.safeParse(request.data ?? {}).success) {
      throw malformed({ reason: "The request that ends a subscription has no data." });
    }
    const { eid } = nameOf(request);
    const subscription = this.#subscriptions?.get(eid);
    if (subscription?.request.type !== name) throw notSubscribed();
    await subscription.opening;
    this.#forget(subscription);
    this.out.answer(answerFrame(request, {}));
  }

  #forget(subscription: SocketSubscription): void {
    subscription.close();
    const { eid } = subscription.request;
    if (this.#subscriptions?.get(eid ?? "") === subscription) this.#subscriptions.delete(eid ?? "");
  }

  #known(cause: unknown, requestId: string): StoaError {
    if (cause instanceof StoaError) return cause;
    this.#parts.log.error({ err: cause, requestId }, "a socket request failed unexpectedly");
    return internal(undefined, { cause });
  }

  #refuse(request: Envelope, error: StoaError, requestId = this.#parts.ids.uuid()): void {
    this.out.answer(errorFrame(request, error, requestId));
  }

  #refuseFrame(envelope: Envelope, error: StoaError): void {
    this.#refuse(envelope, error);
    this.#badFrames += 1;
    if (this.#badFrames >= BAD_FRAMES_MAX) this.close(BAD_FRAMES);
  }

  /** Lets go of everything but the WebSocket itself. */
  #detach(): void {
    this.out.close();
    this.#abort?.abort();
    this.#endSubscriptions();
  }

  #endSubscriptions(): void {
    for (const subscription of this.#subscriptions?.values() ?? []) subscription.close();
    this.#subscriptions = undefined;
  }
}

/** The eid of a subscription, as it is and as its pushes carry it. @throws MALFORMED */
function nameOf({ eid }: SocketRequest): { readonly eid: string; readonly slot: string } {
  const slot = eid === null ? undefined : eidSlot(eid);
  if (eid === null || slot === undefined) {
    const reason = `A subscription has an eid of at most ${SUBSCRIPTION_EID_BYTES_MAX} bytes.`;
    throw malformed({ reason });
  }
  return { eid, slot };
}

function retryAfter(retryAfterMs: number) {
  return { retryAfterMs };
}
