import type { AnyErrorDefinition } from "../../../core/errors.ts";
import type { Method } from "../../../core/method.ts";
import type { Registry } from "../../../core/registry.ts";
import type { ObjectSchema } from "../../../core/schema.ts";
import { endingName, Position, type Subscription } from "../../../core/subscription.ts";
import { errorsOf } from "./errors.ts";
import { exampleOf } from "./examples.ts";
import { type Json, type JsonSchema, jsonSchema } from "./json-schema.ts";
import { ACCESS, API_VERSION } from "./openapi.ts";

const DIALECT = "draft-7";

export interface AsyncApiOptions {
  /** The address people open. */
  readonly publicUrl: string;
  readonly cookieName: string;
  /** What the socket itself may answer. */
  readonly socketErrors: readonly AnyErrorDefinition[];
}

/** The native socket as AsyncAPI 3.1: every method, every subscription and its pushes. */
export function asyncApi(registry: Registry, options: AsyncApiOptions): Json {
  const document = new Socket(options.socketErrors);
  for (const method of registry.methods.values()) document.addMethod(method);
  for (const subscription of registry.subscriptions.values()) {
    document.addSubscription(subscription);
  }
  const { host, protocol } = new URL(options.publicUrl);
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Stoa, native socket",
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: "MIT" },
      tags: registry.modules.map(({ name }) => ({ name })),
    },
    defaultContentType: "application/json",
    servers: {
      stoa: {
        host,
        protocol: protocol === "https:" ? "wss" : "ws",
        security: [{ $ref: "#/components/securitySchemes/cookie" }],
      },
    },
    channels: {
      socket: {
        address: "/socket",
        title: "The socket",
        messages: document.channelMessages,
      },
    },
    operations: document.operations,
    components: {
      messages: document.messages,
      securitySchemes: {
        cookie: {
          type: "httpApiKey",
          in: "cookie",
          name: options.cookieName,
          description: "Read at the upgrade. Without it the socket is anonymous.",
        },
      },
    },
  };
}

const INTRODUCTION = `One WebSocket at \`/socket\`; every frame is JSON text. A request names the
operation in \`type\` and itself in \`eid\`; its answer repeats both. A client may have many
requests in flight, answers come in any order. A failure has its code in \`error\`. A subscription
answers with its place in the history and a snapshot; from then on its pushes carry its \`eid\` and
an \`offset\`, without gaps. A client that comes back sends \`epoch\` and \`offset\` along and gets
what it missed, or a fresh snapshot.`;

const EID: JsonSchema = {
  type: "string",
  maxLength: 128,
  description: "The client's name for the request.",
};
const SUBSCRIPTION_EID: JsonSchema = {
  type: "string",
  maxLength: 36,
  description: "The client's name for the subscription, which its pushes repeat.",
};
const TS: JsonSchema = { type: "number", description: "Echoed and never judged." };
/** What a frame from the server repeats: null where the request had none. */
const ECHO = {
  eid: { type: ["string", "null"], maxLength: 128 },
  ts: { type: ["number", "null"] },
} as const;

class Socket {
  readonly channelMessages: Record<string, Json> = {};
  readonly operations: Record<string, Json> = {};
  readonly messages: Record<string, Json> = {};
  readonly #socketErrors: readonly AnyErrorDefinition[];

  constructor(socketErrors: readonly AnyErrorDefinition[]) {
    this.#socketErrors = socketErrors;
  }

  addMethod(method: Method): void {
    const { name, summary, input } = method;
    const data = jsonSchema(input, "input", DIALECT);
    const example = exampleOf(input, data);
    this.#request(name, summary, data, example === undefined ? undefined : [example]);
    this.#message(`${name}.answer`, `What ${name} answers.`, {
      ...envelope(name, jsonSchema(method.output, "output", DIALECT)),
    });
    this.#refusal(name, errorsOf(method));
    this.#addOperation(method, name, summary);
  }

  addSubscription(subscription: Subscription): void {
    const { name, summary, input, events, signals = {} } = subscription;
    const place = { epoch: ["offset"], offset: ["epoch"] };
    const whole = jsonSchema(input.extend(Position.partial().shape), "input", DIALECT);
    this.#subscribing(name, summary, { ...whole, dependencies: place });
    const state = jsonSchema(subscription.state, "output", DIALECT);
    this.#message(`${name}.answer`, `A place in the history, and a snapshot or what was missed.`, {
      ...envelope(name, openedSchema(state, events)),
    });
    this.#refusal(name, errorsOf(subscription));
    this.#addOperation(subscription, name, summary);
    for (const [type, event] of Object.entries(events)) {
      this.#push(type, pushSchema(event), `A change, for those who opened ${name}.`);
    }
    for (const [type, signal] of Object.entries(signals)) {
      const data = jsonSchema(signal, "output", DIALECT);
      this.#push(type, data, `Told once, for those who have ${name} open; it may be lost.`);
    }
    this.#addEnding(subscription);
  }

  #addEnding(subscription: Subscription): void {
    const name = endingName(subscription.name);
    const summary = `Ends the ${subscription.name} of the same eid.`;
    const empty: JsonSchema = { type: "object", additionalProperties: false };
    this.#subscribing(name, summary, empty);
    this.#message(`${name}.answer`, "It has ended.", envelope(name, empty));
    this.#refusal(name, errorsOf(subscription));
    this.#addOperation(subscription, name, summary);
  }

  #addOperation(operation: Method | Subscription, name: string, summary: string): void {
    this.operations[name] = {
      action: "receive",
      channel: CHANNEL,
      summary,
      description: `For ${ACCESS[operation.access]}.`,
      tags: [{ name: name.split(".")[0] }],
      messages: [inChannel(`${name}.request`)],
      reply: {
        channel: CHANNEL,
        messages: [inChannel(`${name}.answer`), inChannel(`${name}.error`)],
      },
    };
  }

  #request(name: string, summary: string, data: JsonSchema, examples?: readonly unknown[]): void {
    const needsData = (data.required ?? []).length > 0;
    this.#message(`${name}.request`, summary, {
      type: "object",
      required: needsData ? ["type", "data"] : ["type"],
      properties: { type: { const: name }, data, eid: EID, ts: TS },
      ...(examples === undefined
        ? {}
        : { examples: examples.map((data) => ({ type: name, data, eid: "1", ts: 1 })) }),
    });
  }

  /** A request about a subscription, which its eid names. */
  #subscribing(name: string, summary: string, data: JsonSchema): void {
    const needsData = (data.required ?? []).length > 0;
    this.#message(`${name}.request`, summary, {
      type: "object",
      required: needsData ? ["type", "data", "eid"] : ["type", "eid"],
      properties: { type: { const: name }, data, eid: SUBSCRIPTION_EID, ts: TS },
    });
  }

  #refusal(name: string, errors: readonly AnyErrorDefinition[]): void {
    const all = [...errors, ...this.#socketErrors];
    this.#message(`${name}.error`, `How ${name} may fail.`, {
      type: "object",
      required: ["type", "data", "eid", "ts", "error"],
      properties: {
        type: { const: name },
        error: { enum: [...new Set(all.map((error) => error.code))] },
        data: {
          type: "object",
          required: ["message", "requestId"],
          properties: {
            message: { type: "string" },
            requestId: { type: "string" },
            retryAfterMs: { type: "integer", minimum: 0 },
          },
        },
        ...ECHO,
      },
    });
  }

  #push(type: string, data: JsonSchema, summary: string): void {
    const key = `${type}.push`;
    this.#message(key, summary, envelope(type, data));
    this.operations[type] = {
      action: "send",
      channel: CHANNEL,
      summary,
      tags: [{ name: type.split(".")[0] }],
      messages: [inChannel(key)],
    };
  }

  #message(key: string, summary: string, payload: JsonSchema): void {
    this.messages[key] = {
      name: key,
      summary,
      contentType: "application/json",
      correlationId: { location: "$message.payload#/eid" },
      payload,
    };
    this.channelMessages[key] = { $ref: `#/components/messages/${key}` };
  }
}

const CHANNEL = { $ref: "#/channels/socket" };

function inChannel(key: string): Json {
  return { $ref: `#/channels/socket/messages/${key}` };
}

/** A frame from the server. */
function envelope(type: string, data: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["type", "data", "eid", "ts"],
    properties: {
      type: { const: type },
      data,
      ...ECHO,
    },
  };
}

/** An event as it is pushed: with its place among the events of its topic. */
export function pushSchema(event: ObjectSchema): JsonSchema {
  const data = jsonSchema(event, "output", DIALECT);
  return {
    ...data,
    properties: { offset: { type: "integer", minimum: 1 }, ...data.properties },
    required: ["offset", ...(data.required ?? [])],
  };
}

/** A list of these; an empty one where there are none, which `anyOf` may not be. */
export function listOf(items: readonly JsonSchema[]): JsonSchema {
  return items.length === 0
    ? { type: "array", maxItems: 0 }
    : { type: "array", items: { anyOf: items } };
}

/** The answer to a subscribe request: a snapshot, or everything that was missed. */
function openedSchema(
  state: JsonSchema,
  events: Readonly<Record<string, ObjectSchema>>,
): JsonSchema {
  const position = jsonSchema(Position, "output", DIALECT).properties ?? {};
  const opened = (recovered: boolean, more: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
    type: "object",
    required: ["epoch", "offset", "recovered", ...Object.keys(more)],
    properties: { ...position, recovered: { const: recovered }, ...more },
    additionalProperties: false,
  });
  const missed = Object.entries(events).map(
    ([type, event]): JsonSchema => ({
      type: "object",
      required: ["type", "data"],
      properties: { type: { const: type }, data: pushSchema(event) },
    }),
  );
  return {
    oneOf: [opened(false, { state }), opened(true, { missed: listOf(missed) })],
  };
}
