import type { z } from "zod";
import type { Person } from "./actor.ts";
import type { StreamEvent } from "./event-log.ts";
import type { Method } from "./method.ts";
import type { ObjectSchema } from "./schema.ts";
import type { Subscription } from "./subscription.ts";

/** How a module is reached over Phoenix Channels: one kind of topic, in terms of its operations. */
export interface Channel {
  /**
   * `kind:field`, where what stands behind the colon of a topic becomes this field of the inputs
   * that have it; or one topic as it is, `system:general`, where the subscription has no such
   * field.
   */
  readonly topic: string;
  /**
   * The wire name of the subscription that joining opens. Its input is the join's parameters with
   * the topic's field; its state is the reply.
   */
  readonly subscription: string;
  /** What is asked on the channel: the event, and the wire name of the method that answers it. */
  readonly requests?: Readonly<Record<string, string | BinaryRequest>>;
  /** What is told there: the wire name of the subscription's event, and the channel's. */
  readonly pushes?: Readonly<Record<string, string | BinaryPush>>;
  /** Whether members see who is there. */
  readonly presence?: ChannelPresence;
}

/** A request that may also come as bytes, which are base64 in a field of the method's input. */
export interface BinaryRequest {
  readonly method: string;
  readonly bytesIn: string;
  /** The field of the output that is the bytes of the reply; without it the reply is JSON. */
  readonly bytesOut?: string;
}

/** A push that is bytes: those of a base64 field of the event. */
export interface BinaryPush {
  readonly event: string;
  readonly bytes: string;
}

/** Who is there, as the module shows it. */
export interface ChannelPresence {
  /** What is told about somebody who is there, a JSON object; null hides him. */
  show(person: Person): Promise<object | null>;
  /** Whose showing an event may have changed; it must not throw. He is shown anew at once. */
  changes?(event: StreamEvent): string | undefined;
}

const TOPIC = /^([a-z][a-z0-9_]*):([a-z][a-z0-9_]*)$/;
const EVENT = /^[a-z][a-z0-9_]*$/;
/** Events of the protocol itself. */
const RESERVED = /^(phx|presence|chan_reply)_|^heartbeat$/;
/** What the reply to a join has beside the state, and the parameters of a join beside the input. */
const JOIN_FIELDS = ["place", "recovered", "events"] as const;

/** The field that a channel's topics fill; undefined when there is one topic only. */
export function topicField({ topic }: Channel, { input }: Subscription): string | undefined {
  const field = topic.slice(topic.indexOf(":") + 1);
  return field in input.shape ? field : undefined;
}

/** A request with its parts named. */
export function channelRequests({ requests = {} }: Channel): Map<string, RequestOf> {
  return new Map(
    Object.entries(requests).map(([event, to]) => [
      event,
      typeof to === "string" ? { method: to } : to,
    ]),
  );
}
type RequestOf = Pick<BinaryRequest, "method"> & Partial<BinaryRequest>;

/** A push with its parts named. */
export function channelPushes({ pushes = {} }: Channel): Map<string, PushOf> {
  return new Map(
    Object.entries(pushes).map(([type, as]) => [type, typeof as === "string" ? { event: as } : as]),
  );
}
type PushOf = Pick<BinaryPush, "event"> & Partial<BinaryPush>;

interface Operations {
  readonly methods: ReadonlyMap<string, Method>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

/** What contradicts itself in a channel, in a sentence; undefined when nothing does. */
export function contradictionInChannel(
  channel: Channel,
  { methods, subscriptions }: Operations,
): string | undefined {
  if (!TOPIC.test(channel.topic)) return "Its topic is not of the form kind:field.";
  const subscription = subscriptions.get(channel.subscription);
  if (subscription === undefined) return `There is no subscription ${channel.subscription}.`;
  return (
    contradictionInJoin(channel, subscription) ??
    contradictionInRequests(channel, methods) ??
    contradictionInPushes(channel, subscription)
  );
}

function contradictionInJoin(channel: Channel, subscription: Subscription): string | undefined {
  const { input, state } = subscription;
  const isOpenToAll = input.safeParse({}).success;
  if (topicField(channel, subscription) === undefined && !isOpenToAll) {
    return "Its subscription has no field of that name, and does not do without.";
  }
  if (shapeOf(state) === undefined) return "The reply to a join is an object.";
  const clash = JOIN_FIELDS.find((name) => name in (shapeOf(state) ?? {}) || name in input.shape);
  return clash === undefined ? undefined : `Its subscription has a field ${clash} of its own.`;
}

function contradictionInRequests(
  channel: Channel,
  methods: ReadonlyMap<string, Method>,
): string | undefined {
  for (const [event, { method: name, bytesIn, bytesOut }] of channelRequests(channel)) {
    if (!EVENT.test(event) || RESERVED.test(event)) return `No request is named ${event}.`;
    const method = methods.get(name);
    if (method === undefined) return `${event} leads to no method.`;
    if (bytesIn !== undefined && !(bytesIn in method.input.shape)) return `${name} takes no bytes.`;
    if (bytesOut !== undefined && !(bytesOut in (shapeOf(method.output) ?? {}))) {
      return `${name} answers no bytes.`;
    }
  }
  return undefined;
}

function contradictionInPushes(channel: Channel, subscription: Subscription): string | undefined {
  const told = { ...subscription.events, ...subscription.signals };
  for (const [type, { event, bytes }] of channelPushes(channel)) {
    const schema = told[type];
    if (schema === undefined) return `Its subscription does not tell ${type}.`;
    if (!EVENT.test(event) || RESERVED.test(event)) return `No push is named ${event}.`;
    if (bytes !== undefined && !(bytes in schema.shape)) return `${type} has no bytes.`;
  }
  return undefined;
}

function shapeOf(schema: z.ZodType): ObjectSchema["shape"] | undefined {
  return "shape" in schema ? (schema as ObjectSchema).shape : undefined;
}
