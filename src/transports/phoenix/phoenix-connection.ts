import type { Call } from "../../core/dispatch.ts";
import { errorBody, methodNotFound, type StoaError, tooMany } from "../../core/errors.ts";
import { parseInput } from "../../core/input.ts";
import type { Presence } from "../../core/presence.ts";
import type { Opened } from "../../core/streams.ts";
import { Position } from "../../core/subscription.ts";
import type { CloseCode } from "../websocket/close-codes.ts";
import { Connection, type ConnectionParts, type Peer } from "../websocket/connection.ts";
import { subscriptionLost } from "../websocket/errors.ts";
import { REQUESTS_RETRY_AFTER_MS } from "../websocket/limits.ts";
import { pushFrame, replyFrame, type Status } from "./frames.ts";
import type { Version } from "./handshake.ts";
import { type ChannelHost, JoinedChannel } from "./joined-channel.ts";
import { CHANNELS_MAX } from "./limits.ts";
import { type Address, type Message, readMessage } from "./message.ts";
import { type Crowd, Shown } from "./shown.ts";
import type { Matched, Topics } from "./topics.ts";

/** What is common to the sockets of a module. */
export interface PhoenixParts {
  readonly topics: Topics;
  readonly presence: Presence;
  readonly crowd: Crowd;
}

/** Clients come back after every code but 1000, so they are told by `phx_close` not to rejoin. */
const SIGNED_OUT: CloseCode = {
  code: 1001,
  name: "session_ended",
  reason: "The sign-in behind this socket has ended. Connect with another token.",
  reconnect: true,
};

/** Phoenix's own words, by which clients know these refusals. */
const UNMATCHED = { reason: "unmatched topic" };
const TOO_MANY_JOINED = { reason: "too many channels joined" };

const JOIN = "phx_join";
const LEAVE = "phx_leave";

/**
 * A socket of Phoenix Channels.
 *
 * A channel is joined by the reply to its join, and its messages are handled one after the other,
 * as a channel's process would: what comes while it is joined waits for that. It ends by
 * `phx_close` when the client is not to join again, and by `phx_error` when it is.
 */
export class PhoenixConnection extends Connection implements ChannelHost {
  readonly version: Version;
  readonly #shared: PhoenixParts;
  readonly #channels = new Map<string, JoinedChannel>();

  constructor(peer: Peer, version: Version, parts: ConnectionParts, shared: PhoenixParts) {
    super(peer, parts, { pings: false, sessionEnded: SIGNED_OUT });
    this.version = version;
    this.#shared = shared;
  }

  get subscriptionCount(): number {
    return this.#channels.size;
  }

  protected take(payload: Buffer, isBinary: boolean, waitMs: number): void {
    const reading = readMessage(payload, isBinary, this.version);
    if ("error" in reading) {
      const { address, error } = reading;
      const said = refusal(error, this.parts.ids.uuid());
      this.out.answer(replyFrame(this.version, address, "error", said));
      this.countBadFrame();
      return;
    }
    const { message } = reading;
    const { topic, event } = message;
    const retryAfterMs = waitMs || (this.isBusy ? REQUESTS_RETRY_AFTER_MS : 0);
    if (topic === "phoenix" && event === "heartbeat") this.#reply(message, "ok", {});
    else if (retryAfterMs > 0) this.#refuse(message, tooMany(undefined, { retryAfterMs }));
    else if (event === JOIN) this.#join(message);
    else this.#takeInChannel(message);
  }

  onLost(channel: JoinedChannel): void {
    this.#fail(channel, subscriptionLost(undefined, { retryAfterMs: 0 }));
  }

  onOver(channel: JoinedChannel): void {
    // What was pushed last goes before the news that it was the last, and so does the reply to the
    // request that brought it about.
    this.out.flush();
    this.#forget(channel);
    void this.run(() => channel.inTurn(async () => this.#sendEnd(channel, "phx_close", {})));
  }

  override visit(nowMs: number): void {
    super.visit(nowMs);
    for (const { shown } of this.#channels.values()) shown?.visit(nowMs);
  }

  protected endSubscriptions(isForGood: boolean): void {
    for (const channel of [...this.#channels.values()]) {
      if (isForGood) this.#finish(channel);
      else this.#forget(channel);
    }
  }

  #join(message: Message): void {
    const { topic: name, joinRef } = message;
    const matched = this.#shared.topics.match(name);
    if (matched === undefined) {
      this.#reply({ ...message, joinRef: null }, "error", UNMATCHED);
      return;
    }
    const former = this.#channels.get(name);
    if (former === undefined && this.#channels.size >= CHANNELS_MAX) {
      this.#reply(message, "error", TOO_MANY_JOINED);
      return;
    }
    if (former !== undefined) this.#forget(former);
    const channel = this.#enter(name, joinRef, matched);
    void this.run(() => channel.inTurn(() => this.#open(channel, message, former)));
  }

  #enter(name: string, joinRef: Message["joinRef"], { kind, fields }: Matched): JoinedChannel {
    const topic = this.#shared.topics.at(name, kind);
    const channel = new JoinedChannel(topic, { joinRef, fields }, this);
    topic.members.add(channel);
    this.#channels.set(name, channel);
    return channel;
  }

  /** Opens the channel's subscription, and replies. A former membership is closed after that. */
  async #open(
    channel: JoinedChannel,
    message: Message,
    former: JoinedChannel | undefined,
  ): Promise<void> {
    const requestId = this.parts.ids.uuid();
    try {
      const stream = await this.parts.dispatch.open(
        this.#call(message, requestId, channel.topic.kind.channel.subscription, {
          ...placed(message.payload),
          ...channel.fields,
        }),
        channel,
      );
      // The session may have ended meanwhile, or the client have joined once more.
      if (channel.isClosed || channel.isLost) {
        stream.close();
        throw subscriptionLost(undefined, { retryAfterMs: 0 });
      }
      const said = joinedReply(stream.opened, channel);
      this.out.writeNow(replyFrame(this.version, message, "ok", said));
      channel.start(stream);
      this.#present(channel);
    } catch (cause) {
      this.#forget(channel);
      this.#refuse(message, this.known(cause, requestId), requestId);
    } finally {
      if (former !== undefined) this.#sendEnd(former, "phx_close", {});
    }
  }

  /** Tells a new member who is there, and the others of him. */
  #present(channel: JoinedChannel): void {
    const { topic } = channel;
    const rules = topic.kind.channel.presence;
    if (rules === undefined || channel.isClosed) return;
    const { presence, crowd } = this.#shared;
    const { log, clock } = this.parts;
    topic.watch(presence);
    const state = presence.state(topic.presenceTopic);
    const address = { joinRef: channel.joinRef, ref: null, topic: topic.name };
    this.out.answer(pushFrame(this.version, address, "presence_state", state));
    channel.isTold = true;
    if (this.person === undefined) return;
    const parts = { presence, crowd, log, clock };
    channel.shown = new Shown(topic.presenceTopic, this.person, rules, parts);
    void channel.shown.look();
  }

  #takeInChannel(message: Message): void {
    const channel = this.#channels.get(message.topic);
    if (channel === undefined) {
      this.#takeOutside(message);
    } else if (message.joinRef === null || message.joinRef === channel.joinRef) {
      void this.run(() => channel.inTurn(() => this.#handle(channel, message)));
    }
  }

  /** A leave may cross the end of its channel on the way. */
  #takeOutside(message: Message): void {
    if (message.event === LEAVE) this.#reply(message, "ok", {});
    else this.#reply({ ...message, joinRef: null }, "error", UNMATCHED);
  }

  async #handle(channel: JoinedChannel, message: Message): Promise<void> {
    if (channel.isClosed) {
      this.#takeOutside(message);
    } else if (message.event === LEAVE) {
      this.#forget(channel);
      this.#reply(message, "ok", {});
      this.#sendEnd(channel, "phx_close", {});
    } else {
      await this.#request(channel, message);
    }
  }

  async #request(channel: JoinedChannel, message: Message): Promise<void> {
    const requestId = this.parts.ids.uuid();
    try {
      this.#reply(message, "ok", await this.#answer(channel, message, requestId));
    } catch (cause) {
      const error = this.known(cause, requestId);
      this.#refuse(message, error, requestId);
      if (error.kind === "internal") this.#fail(channel, error, requestId);
      else if (error.kind === "unauthenticated") void this.revalidate();
    }
  }

  async #answer(channel: JoinedChannel, message: Message, requestId: string): Promise<unknown> {
    const { dispatch } = this.parts;
    const request = channel.topic.kind.requests.get(message.event);
    const method = request && dispatch.registry.methods.get(request.method);
    if (request === undefined || method === undefined) throw methodNotFound();
    const { payload } = message;
    const input = Buffer.isBuffer(payload)
      ? { [request.bytesIn ?? "bytes"]: payload.toString("base64") }
      : payload;
    const fields = Object.entries(channel.fields).filter(([name]) => name in method.input.shape);
    const whole = { ...input, ...Object.fromEntries(fields) };
    const answer = await dispatch.call(this.#call(message, requestId, request.method, whole));
    if (!Buffer.isBuffer(payload) || request.bytesOut === undefined) return answer;
    return Buffer.from(String((answer as Record<string, unknown>)[request.bytesOut]), "base64");
  }

  #call({ bytes }: Message, requestId: string, name: string, input: object): Call {
    const { caller, signal } = this;
    return { name, input, inputBytes: bytes, caller, requestId, signal };
  }

  #forget(channel: JoinedChannel): void {
    const { topic } = channel;
    channel.close();
    this.#shared.topics.leave(topic, channel);
    if (this.#channels.get(topic.name) === channel) this.#channels.delete(topic.name);
  }

  /** The client is not to join again. */
  #finish(channel: JoinedChannel): void {
    this.#forget(channel);
    this.#sendEnd(channel, "phx_close", {});
  }

  /** The client is to join again. */
  #fail(channel: JoinedChannel, error: StoaError, requestId = this.parts.ids.uuid()): void {
    this.#forget(channel);
    this.#sendEnd(channel, "phx_error", refusal(error, requestId));
  }

  #sendEnd({ joinRef, topic }: JoinedChannel, event: string, payload: object): void {
    const address = { joinRef, ref: joinRef, topic: topic.name };
    this.out.answer(pushFrame(this.version, address, event, payload));
  }

  #refuse(address: Address, error: StoaError, requestId = this.parts.ids.uuid()): void {
    this.#reply(address, "error", refusal(error, requestId));
  }

  /** Nobody waits for the reply to what has no reference. */
  #reply(address: Address, status: Status, response: unknown): void {
    if (address.ref === null) return;
    this.out.answer(replyFrame(this.version, address, status, response));
  }
}

/** The code is the `reason` that clients of Phoenix look for. */
function refusal(error: StoaError, requestId: string): object {
  return { reason: error.code, ...errorBody(error), requestId };
}

/** The parameters of a join, with the place that the client has reached beside the others. */
function placed(payload: Message["payload"]): object {
  if (Buffer.isBuffer(payload)) return {};
  const { place, ...params } = payload;
  if (place === undefined) return params;
  return { ...params, ...parseInput(Position, place) };
}

/** The state, or what was missed, and the place that was reached. */
function joinedReply({ position, ...opened }: Opened, { topic }: JoinedChannel): object {
  const { recovered } = opened;
  if (!opened.recovered) return { ...(opened.state as object), place: position, recovered };
  const events = opened.missed.flatMap(({ type, offset, data }) => {
    const push = topic.kind.pushes.get(type);
    return push === undefined ? [] : [{ event: push.event, payload: { offset, ...data } }];
  });
  return { events, place: position, recovered };
}
