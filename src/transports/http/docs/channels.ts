import { type Channel, channelPushes, channelRequests, topicField } from "../../../core/channel.ts";
import type { AnyErrorDefinition } from "../../../core/errors.ts";
import type { Method } from "../../../core/method.ts";
import type { Module } from "../../../core/module.ts";
import type { Registry } from "../../../core/registry.ts";
import { Position, type Subscription } from "../../../core/subscription.ts";
import { type AsyncApiOptions, listOf, pushSchema } from "./asyncapi.ts";
import { errorsOf } from "./errors.ts";
import { type Json, type JsonSchema, jsonSchema } from "./json-schema.ts";
import { ACCESS, API_VERSION } from "./openapi.ts";

const DIALECT = "draft-7";

/** Phoenix Channels as AsyncAPI 3.1: every kind of topic, what is asked and what is told there. */
export function channelsApi(registry: Registry, { publicUrl }: AsyncApiOptions): Json {
  const document = new Channels(registry);
  for (const { module, channel } of registry.channels()) document.add(module, channel);
  const { host, protocol } = new URL(publicUrl);
  const modules = registry.modules.filter(({ channels }) => channels !== undefined);
  const servers = modules.map(({ name }) => [
    name,
    {
      host,
      pathname: `/${name}/socket/websocket`,
      protocol: protocol === "https:" ? "wss" : "ws",
      security: [{ $ref: "#/components/securitySchemes/token" }],
    },
  ]);
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Stoa, Phoenix Channels",
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: "MIT" },
      tags: modules.map(({ name }) => ({ name })),
    },
    defaultContentType: "application/json",
    servers: Object.fromEntries(servers),
    channels: document.channels,
    operations: document.operations,
    components: {
      messages: document.messages,
      securitySchemes: {
        token: {
          type: "httpApiKey",
          in: "query",
          name: "token",
          description: "An access token; the client's authToken and a bearer token do as well.",
        },
      },
    },
  };
}

const INTRODUCTION = `Phoenix Channels, version 2 of the protocol, as the official client speaks it:
every frame is \`[join_ref, ref, topic, event, payload]\`. A topic is joined with \`phx_join\`; what
is asked there is answered by \`phx_reply\` with the same \`ref\`. An error reply has its code as
\`reason\`. Joining with the \`place\` of an earlier join, or a later push's \`offset\` in it, is
answered with what was missed since, where that is still known in full.`;

const REF: JsonSchema = { type: ["string", "integer", "null"], maxLength: 255 };

class Channels {
  readonly channels: Record<string, Json> = {};
  readonly operations: Record<string, Json> = {};
  readonly messages: Record<string, Json> = {};
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  add(module: Module, channel: Channel): void {
    const subscription = this.#registry.subscriptions.get(channel.subscription);
    if (subscription === undefined) return;
    const field = topicField(channel, subscription);
    const key = `${module.name}.${channel.topic.replace(":", ".")}`;
    const kind = channel.topic.slice(0, channel.topic.indexOf(":"));
    const of = new OneChannel(this, key, {
      address: field === undefined ? channel.topic : `${kind}:{${field}}`,
      server: module.name,
      field,
    });
    of.addJoin(subscription, channel);
    for (const [event, { method: name, bytesIn }] of channelRequests(channel)) {
      const method = this.#registry.methods.get(name);
      if (method !== undefined) of.addRequest(event, method, bytesIn);
    }
    for (const [type, { event, bytes }] of channelPushes(channel)) {
      of.addPush(event, subscription, type, bytes);
    }
    if (channel.presence !== undefined) of.addPresence();
    this.channels[key] = of.described();
  }
}

interface Place {
  readonly address: string;
  readonly server: string;
  readonly field: string | undefined;
}

/** What is said on one kind of topic. */
class OneChannel {
  readonly #document: Channels;
  readonly #key: string;
  readonly #place: Place;
  readonly #messages: Record<string, Json> = {};

  constructor(document: Channels, key: string, place: Place) {
    this.#document = document;
    this.#key = key;
    this.#place = place;
  }

  described(): Json {
    const { address, server, field } = this.#place;
    return {
      address,
      servers: [{ $ref: `#/servers/${server}` }],
      ...(field === undefined
        ? {}
        : { parameters: { [field]: { description: "Becomes this field of the inputs." } } }),
      messages: this.#messages,
    };
  }

  addJoin(subscription: Subscription, channel: Channel): void {
    const { summary, input, state, events } = subscription;
    const params = this.#without(jsonSchema(input, "input", DIALECT));
    const place = jsonSchema(Position, "output", DIALECT);
    const whole = { ...params, properties: { ...params.properties, place } };
    const reply = jsonSchema(state, "output", DIALECT);
    const missed = [...channelPushes(channel)].flatMap(([type, { event }]) => {
      const schema = events[type];
      return schema === undefined ? [] : [{ event, payload: pushSchema(schema) }];
    });
    const fresh = withPlace(reply, place, false);
    const recovered = withPlace({ ...EMPTY, ...missedEvents(missed) }, place, true);
    this.#request("phx_join", summary, whole, { oneOf: [fresh, recovered] }, subscription);
  }

  addRequest(event: string, method: Method, bytesIn: string | undefined): void {
    const { summary, input, output } = method;
    const payload = this.#without(jsonSchema(input, "input", DIALECT));
    const asBytes = bytesIn === undefined ? "" : ` It may come as bytes: its ${bytesIn}.`;
    const answer = jsonSchema(output, "output", DIALECT);
    this.#request(event, `${summary}${asBytes}`, payload, answer, method);
  }

  addPush(
    event: string,
    { events, signals = {} }: Subscription,
    type: string,
    bytes: string | undefined,
  ): void {
    const [recorded, told] = [events[type], signals[type]];
    const asBytes = bytes === undefined ? "" : ` In version 2 it comes as bytes: its ${bytes}.`;
    if (recorded !== undefined) {
      this.#push(event, `A change.${asBytes}`, pushSchema(recorded));
    } else if (told !== undefined) {
      const payload = jsonSchema(told, "output", DIALECT);
      this.#push(event, `Told once; it may be lost.${asBytes}`, payload);
    }
  }

  addPresence(): void {
    this.#push("presence_state", "Who is there, after the join.", PRESENCE);
    this.#push("presence_diff", "Who has come and gone. An update is both.", {
      type: "object",
      required: ["joins", "leaves"],
      properties: { joins: PRESENCE, leaves: PRESENCE },
    });
  }

  #request(
    event: string,
    summary: string,
    payload: JsonSchema,
    answer: JsonSchema,
    operation: Method | Subscription,
  ): void {
    this.#message(`${event}.request`, summary, frame(event, payload));
    this.#message(`${event}.reply`, `What ${event} is answered.`, reply("ok", answer));
    this.#message(`${event}.error`, `How ${event} may fail.`, reply("error", refused(operation)));
    this.#document.operations[`${this.#key}.${event}`] = {
      action: "receive",
      channel: { $ref: `#/channels/${this.#key}` },
      summary,
      description: `${operation.name}, for ${ACCESS[operation.access]}.`,
      tags: [{ name: this.#place.server }],
      messages: [this.#ref(`${event}.request`)],
      reply: {
        channel: { $ref: `#/channels/${this.#key}` },
        messages: [this.#ref(`${event}.reply`), this.#ref(`${event}.error`)],
      },
    };
  }

  #push(event: string, summary: string, payload: JsonSchema): void {
    this.#message(`${event}.push`, summary, frame(event, payload));
    this.#document.operations[`${this.#key}.${event}.push`] = {
      action: "send",
      channel: { $ref: `#/channels/${this.#key}` },
      summary,
      tags: [{ name: this.#place.server }],
      messages: [this.#ref(`${event}.push`)],
    };
  }

  #message(name: string, summary: string, payload: Json): void {
    const key = `${this.#key}.${name}`;
    this.#document.messages[key] = { name: key, summary, payload };
    this.#messages[name] = { $ref: `#/components/messages/${key}` };
  }

  #ref(name: string): Json {
    return { $ref: `#/channels/${this.#key}/messages/${name}` };
  }

  /** A schema without the field that the topic fills. */
  #without(schema: JsonSchema): JsonSchema {
    const { field } = this.#place;
    if (field === undefined) return schema;
    const { [field]: _, ...properties } = schema.properties ?? {};
    const required = (schema.required ?? []).filter((name) => name !== field);
    return { ...schema, properties, required };
  }
}

const EMPTY: JsonSchema = { type: "object", properties: {} };
const PRESENCE: JsonSchema = {
  type: "object",
  description: "By account.",
  additionalProperties: {
    type: "object",
    required: ["metas"],
    properties: {
      metas: {
        type: "array",
        description: "One for each connection.",
        items: {
          type: "object",
          required: ["phx_ref"],
          properties: { phx_ref: { type: "string" }, phx_ref_prev: { type: "string" } },
        },
      },
    },
  },
};

/** A frame of version 2. */
function frame(event: string, payload: JsonSchema): Json {
  const items = [REF, REF, { type: "string", maxLength: 255 }, { const: event }, payload];
  return { type: "array", items, minItems: items.length, maxItems: items.length };
}

function reply(status: "ok" | "error", response: JsonSchema): Json {
  return frame("phx_reply", {
    type: "object",
    required: ["status", "response"],
    properties: { status: { const: status }, response },
  });
}

/** What a channel itself says, beside the operation's errors. */
const JOIN_REASONS = ["unmatched topic", "too many channels joined", "SUBSCRIPTION_LOST"];
const REQUEST_REASONS = ["unmatched topic"];

function refused(operation: Method | Subscription): JsonSchema {
  const reasons = "output" in operation ? REQUEST_REASONS : JOIN_REASONS;
  const codes = new Set(errorsOf(operation).map(({ code }: AnyErrorDefinition) => code));
  const description = "A word of Phoenix, which then stands alone, or the code.";
  return {
    type: "object",
    required: ["reason"],
    properties: {
      reason: { enum: [...reasons, ...codes], description },
      code: { type: "string" },
      message: { type: "string" },
      data: { type: "object" },
      retryAfterMs: { type: "integer", minimum: 0 },
      requestId: { type: "string" },
    },
  };
}

function withPlace(schema: JsonSchema, place: JsonSchema, recovered: boolean): JsonSchema {
  return {
    ...schema,
    properties: { ...schema.properties, place, recovered: { const: recovered } },
    required: [...(schema.required ?? []), "place", "recovered"],
  };
}

function missedEvents(
  missed: readonly { readonly event: string; readonly payload: JsonSchema }[],
): JsonSchema {
  const items = missed.map(
    ({ event, payload }): JsonSchema => ({
      type: "object",
      required: ["event", "payload"],
      properties: { event: { const: event }, payload },
    }),
  );
  return { properties: { events: listOf(items) }, required: ["events"] };
}
