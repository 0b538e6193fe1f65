import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { JsonSchema } from "../../src/transports/http/docs/json-schema.ts";

/** What a running server's own documentation says, ready to hold the server against it. */

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

/** An operation over HTTP. */
export interface HttpOperation {
  readonly verb: string;
  /** With `{name}` parameters. */
  readonly path: string;
  /** The wire name of the method behind it. */
  readonly method: string;
  readonly access: "anyone" | "person" | "operator";
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
  /** Whether a repeat of the call is recognised, as it is of calls that change something. */
  readonly writes: boolean;
  /** Parameters and body as one object, as a generator needs them. */
  readonly whole: JsonSchema;
  /** What fits as an answer with this status; undefined when the status is not documented. */
  fits(status: number): ValidateFunction | "no content" | undefined;
  /** Whether the documentation allows this body; undefined is none. */
  takesBody(body: unknown): boolean;
  /** Whether it allows this value, as text, for the parameter. */
  takesText(parameter: Parameter, text: string): boolean;
}

interface RawOperation {
  readonly "x-method": string;
  readonly "x-access": HttpOperation["access"];
  readonly parameters?: ReadonlyArray<Partial<Parameter> & { readonly $ref?: string }>;
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { "application/json": { schema: JsonSchema } };
  };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: object }>
  >;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
}

const DRAFTS = { strict: false, allErrors: false } as const;

/** Every operation that OpenAPI documents. */
export async function httpOperations(url: string): Promise<HttpOperation[]> {
  const document = (await (await fetch(`${url}/docs/openapi.json`)).json()) as OpenApi;
  const ajv = new Ajv2020(DRAFTS);
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: "openapi" });
  const compiled = new Map<string, ValidateFunction>();
  const at = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };
  return Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, raw]) => {
      const body = raw.requestBody?.content["application/json"].schema;
      const parameters = (raw.parameters ?? []).filter(
        (one): one is Parameter => one.in === "path" || one.in === "query",
      );
      const place = `/paths/${path.replaceAll("/", "~1")}/${verb}`;
      return {
        verb: verb.toUpperCase(),
        path,
        method: raw["x-method"],
        access: raw["x-access"],
        parameters,
        body,
        writes: (raw.parameters ?? []).some(({ $ref }) => $ref?.endsWith("/IdempotencyKey")),
        whole: wholeOf(parameters, body, raw.requestBody?.required ?? false),
        fits(status) {
          const response = raw.responses[status];
          if (response === undefined) return undefined;
          if (response.$ref === undefined && response.content === undefined) return "no content";
          const type = status < 400 ? "application~1json" : "application~1problem+json";
          const base = response.$ref?.slice(1) ?? `${place}/responses/${status}`;
          return at(`${base}/content/${type}/schema`);
        },
        takesBody(input) {
          if (raw.requestBody === undefined || input === undefined) {
            return input === undefined && raw.requestBody?.required !== true;
          }
          // `/api` takes null for no input at all.
          if (input === null && path.startsWith("/api/")) return raw.requestBody.required !== true;
          return at(`${place}/requestBody/content/application~1json/schema`)(input);
        },
        takesText(parameter, text) {
          const index = raw.parameters?.indexOf(parameter);
          return at(`${place}/parameters/${index}/schema`)(readText(parameter.schema, text));
        },
      };
    }),
  );
}

/** A text of a path or query, as the type of the parameter reads it. */
function readText({ type }: JsonSchema, text: string): unknown {
  if (type === "array") return text.split(",");
  if (type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

/** `path x` and `query y` beside `body`. */
function wholeOf(
  parameters: readonly Parameter[],
  body: JsonSchema | undefined,
  needsBody: boolean,
): JsonSchema {
  const name = (one: Parameter) => `${one.in} ${one.name}`;
  const needed = parameters.filter((one) => one.required === true).map(name);
  return {
    type: "object",
    properties: {
      ...Object.fromEntries(parameters.map((one) => [name(one), one.schema])),
      ...(body === undefined ? {} : { body }),
    },
    required: needsBody ? [...needed, "body"] : needed,
  };
}

/** An operation over the socket: a method, a subscription or its end. */
export interface SocketOperation {
  readonly name: string;
  /** The frame that asks for it. */
  readonly request: JsonSchema;
  readonly takes: ValidateFunction;
  readonly answerFits: ValidateFunction;
  readonly errorFits: ValidateFunction;
}

interface AsyncApi {
  readonly operations: Readonly<Record<string, { readonly action: "send" | "receive" }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: JsonSchema }>>;
  };
}

export interface SocketDocument {
  readonly operations: readonly SocketOperation[];
  /** What fits as a push, by its wire name. */
  readonly pushes: ReadonlyMap<string, ValidateFunction>;
}

/** Every operation that AsyncAPI documents. */
export async function socketDocument(url: string): Promise<SocketDocument> {
  const document = (await (await fetch(`${url}/docs/asyncapi.json`)).json()) as AsyncApi;
  const ajv = new Ajv(DRAFTS);
  ajv.addSchema({ ...document, $id: "asyncapi" });
  const fits = (message: string) =>
    ajv.compile({ $ref: `asyncapi#/components/messages/${message}/payload` });
  const names = (action: string) =>
    Object.entries(document.operations).flatMap(([name, operation]) =>
      operation.action === action ? [name] : [],
    );
  return {
    operations: names("receive").map((name) => ({
      name,
      request: document.components.messages[`${name}.request`]?.payload ?? {},
      takes: fits(`${name}.request`),
      answerFits: fits(`${name}.answer`),
      errorFits: fits(`${name}.error`),
    })),
    pushes: new Map(names("send").map((type) => [type, fits(`${type}.push`)])),
  };
}
