import type { Call } from "../../core/dispatch.ts";
import { malformed, type StoaError, tooMany } from "../../core/errors.ts";
import { isWriting } from "../../core/method.ts";
import { Empty } from "../../core/schema.ts";
import { Connection, type ConnectionParts, type Peer } from "../websocket/connection.ts";
import { subscriptionLost } from "../websocket/errors.ts";
import { REQUESTS_RETRY_AFTER_MS } from "../websocket/limits.ts";
import type { PushEncoder } from "../websocket/push-run.ts";
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
import { eidInUse, notSubscribed, subscriptionEnded, tooManySubscriptions } from "./errors.ts";
import { SUBSCRIPTION_EID_BYTES_MAX, SUBSCRIPTIONS_MAX } from "./limits.ts";
import { eidSlot } from "./push.ts";
import { SocketSubscription, type SubscriptionHost } from "./socket-subscription.ts";

/** Answered by the socket itself, so that a client that cannot send pings can tell it is alive. */
const PING = "ping";

const BINARY_FRAME: Reading = {
  envelope: NO_ENVELOPE,
  error: malformed({ reason: "A frame is text, not binary." }),
};

/** A socket of the native protocol: its requests and its subscriptions. */
export class NativeConnection extends Connection implements SubscriptionHost {
  readonly encoder: PushEncoder;
  #subscriptions: Map<string, SocketSubscription> | undefined;

  constructor(peer: Peer, parts: ConnectionParts, encoder: PushEncoder) {
    super(peer, parts);
    this.encoder = encoder;
  }

  get subscriptionCount(): number {
    return this.#subscriptions?.size ?? 0;
  }

  protected take(payload: Buffer, isBinary: boolean, waitMs: number): void {
    const reading = isBinary ? BINARY_FRAME : readRequest(payload);
    if ("error" in reading) this.#refuseFrame(reading.envelope, reading.error);
    else if (reading.request.type === PING) this.out.answer(answerFrame(reading.request, {}));
    else if (waitMs > 0) this.#refuse(reading.request, tooMany(undefined, retryAfter(waitMs)));
    else if (!this.isBusy) void this.run(() => this.#serve(reading.request));
    else this.#refuse(reading.request, tooMany(undefined, retryAfter(REQUESTS_RETRY_AFTER_MS)));
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

  async #serve(request: SocketRequest): Promise<void> {
    const requestId = this.parts.ids.uuid();
    try {
      await this.#perform(request, requestId);
    } catch (cause) {
      this.#refuse(request, this.known(cause, requestId), requestId);
    }
  }

  async #perform(request: SocketRequest, requestId: string): Promise<void> {
    const { dispatch } = this.parts;
    const { endings, subscriptions } = dispatch.registry;
    const ended = endings.get(request.type);
    if (ended !== undefined) return this.#end(request, ended);
    const call = this.#call(request, requestId);
    if (subscriptions.has(request.type)) return this.#open(request, call);
    this.out.answer(answerFrame(request, await dispatch.call(call)));
  }

  #call({ type, eid, ts, data, bytes }: SocketRequest, requestId: string): Call {
    const method = this.parts.dispatch.registry.methods.get(type);
    const isRepeatable = eid !== null && method !== undefined && isWriting(method);
    return {
      name: type,
      input: data,
      inputBytes: bytes,
      caller: this.caller,
      requestId,
      // The data is part of the key: a client that always sends one eid means another call by it.
      repeatKey: isRepeatable ? JSON.stringify([eid, ts, data]) : undefined,
      signal: this.signal,
    };
  }

  async #open(request: SocketRequest, call: Call): Promise<void> {
    const subscription = this.#register(request);
    const opening = Promise.withResolvers<void>();
    subscription.opening = opening.promise;
    try {
      const stream = await this.parts.dispatch.open(call, subscription);
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

  #refuse(request: Envelope, error: StoaError, requestId = this.parts.ids.uuid()): void {
    this.out.answer(errorFrame(request, error, requestId));
  }

  #refuseFrame(envelope: Envelope, error: StoaError): void {
    this.#refuse(envelope, error);
    this.countBadFrame();
  }

  protected endSubscriptions(): void {
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
