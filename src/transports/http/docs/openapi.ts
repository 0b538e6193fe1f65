import type { AnyErrorDefinition } from "../../../core/errors.ts";
import { REPEAT_KEY_CHARS_MAX } from "../../../core/limits.ts";
import { isWriting, type Method } from "../../../core/method.ts";
import type { Registry } from "../../../core/registry.ts";
import type { RestRoute } from "../../../core/rest.ts";
import type { Schema } from "../../../core/schema.ts";
import { apiPath } from "../api.ts";
import { type OwnStatus, statusOf } from "../status.ts";
import { allErrors, httpErrorsOf, PROBLEM_SCHEMA, problemSchema } from "./errors.ts";
import { exampleOf } from "./examples.ts";
import { type Json, type JsonSchema, jsonSchema, renamed, without } from "./json-schema.ts";

export const API_VERSION = "0.1.0";
const DIALECT = "draft-2020-12";

export interface OpenApiOptions {
  /** The module that is served at the root as well. */
  readonly only?: string | undefined;
  readonly cookieName: string;
}

/** Everything that can be called over HTTP, as OpenAPI 3.1, from the definitions alone. */
export function openApi(registry: Registry, { only, cookieName }: OpenApiOptions): Json {
  const responses = new Responses();
  const paths = new Paths();
  for (const method of registry.methods.values()) {
    paths.add(apiPath(method.name), "post", apiOperation(method, responses));
  }
  for (const { route, path } of registry.paths(only)) {
    const method = registry.methods.get(route.method);
    if (method === undefined) throw new Error(`${route.path} leads to no method.`);
    const pattern = path.replaceAll(/:(\w+)/g, "{$1}");
    paths.add(pattern, route.verb.toLowerCase(), {
      ...restOperation(route, path, method, responses),
      operationId: `${route.verb.toLowerCase()} ${pattern}`,
    });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Stoa",
      version: API_VERSION,
      summary: "One backend for what several people do together.",
      description: "Generated from the definitions of the running server.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: registry.modules.map(({ name }) => ({ name })),
    paths: paths.all,
    components: {
      schemas: {
        Problem: PROBLEM_SCHEMA,
        ...Object.fromEntries(allErrors(registry).map((e) => [e.code, problemSchema(e)])),
      },
      responses: responses.all,
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      headers: { RetryAfter: RETRY_AFTER },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The access token of a sign-in." },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: cookieName,
          description: "The session cookie that a sign-in over HTTP sets.",
        },
      },
    },
  };
}

class Paths {
  readonly all: Record<string, Record<string, Json>> = {};

  add(path: string, verb: string, operation: Json): void {
    this.all[path] ??= {};
    this.all[path][verb] = operation;
  }
}

/** Answers of failure, each combination of codes written down once. */
class Responses {
  readonly all: Record<string, Json> = {};

  /** References to what these errors lead to, by status. */
  refer(errors: readonly AnyErrorDefinition[], own: OwnStatus = {}): Record<string, Json> {
    const byStatus = Map.groupBy(errors, (error) => String(statusOf(error, own)));
    return Object.fromEntries(
      [...byStatus].map(([status, group]) => [status, { $ref: this.#intern(status, group, own) }]),
    );
  }

  #intern(status: string, errors: readonly AnyErrorDefinition[], own: OwnStatus): string {
    const hasOwn = errors.some(({ code }) => code in own);
    const codes = errors.map((error) => error.code);
    const name = [...(hasOwn ? [status] : []), ...codes].join(".");
    const comesBack = status === "429" || status === "503";
    this.all[name] ??= {
      description: errors.map((error) => `${error.code}: ${error.message}`).join("\n\n"),
      ...(comesBack
        ? { headers: { "Retry-After": { $ref: "#/components/headers/RetryAfter" } } }
        : {}),
      content: {
        "application/problem+json": {
          schema: oneOf(
            errors.map((error) =>
              error.code in own
                ? problemSchema(error, own)
                : { $ref: `#/components/schemas/${error.code}` },
            ),
          ),
        },
      },
    };
    return `#/components/responses/${name}`;
  }
}

function oneOf(schemas: readonly Json[]): Json {
  const [first] = schemas;
  return schemas.length === 1 && first !== undefined ? first : { oneOf: schemas };
}

function apiOperation(method: Method, responses: Responses): Json {
  const schema = jsonSchema(method.input, "input", DIALECT);
  return {
    operationId: method.name,
    ...commonOf(method),
    ...(isWriting(method) ? { parameters: [KEY_REFERENCE] } : {}),
    requestBody: {
      required: (schema.required ?? []).length > 0,
      content: jsonContent(schema, exampleOf(method.input, schema)),
    },
    responses: { "200": success(method.output), ...responses.refer(httpErrorsOf(method)) },
  };
}

function restOperation(route: RestRoute, path: string, method: Method, responses: Responses): Json {
  const whole = renamed(jsonSchema(method.input, "input", DIALECT), route.names);
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? "");
  const rest = without(whole, inPath);
  const [query, body] = splitInput(route, rest);
  const parameters = [
    ...inPath.map((name) => pathParameter(name, whole)),
    ...queryParameters(query, route.lists),
    ...(isWriting(method) ? [KEY_REFERENCE] : []),
  ];
  return {
    ...commonOf(method),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasProperties(body)
      ? { requestBody: { required: body.required !== undefined, content: jsonContent(body) } }
      : {}),
    responses: {
      ...restSuccess(route, method),
      ...responses.refer(httpErrorsOf(method), route.errorStatus),
    },
  };
}

/** What stands in the query and what in the body: as the route says, else as its verb suggests. */
function splitInput(route: RestRoute, rest: JsonSchema): [JsonSchema, JsonSchema] {
  if (route.query !== undefined || route.body !== undefined) {
    return [
      route.query === undefined ? {} : jsonSchema(route.query, "input", DIALECT),
      route.body === undefined ? {} : jsonSchema(route.body, "input", DIALECT),
    ];
  }
  if (route.verb === "GET") return [rest, {}];
  const { lists = [] } = route;
  const others = Object.keys(rest.properties ?? {}).filter((name) => !lists.includes(name));
  return [without(rest, others), without(rest, lists)];
}

function hasProperties(schema: JsonSchema): boolean {
  return Object.keys(schema.properties ?? {}).length > 0;
}

function pathParameter(name: string, input: JsonSchema): Json {
  const schema = input.properties?.[name] ?? { type: "string", minLength: 1 };
  return { name, in: "path", required: true, schema };
}

function queryParameters(
  { properties = {}, required = [] }: JsonSchema,
  lists: readonly string[] = [],
): Json[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(lists.includes(name) ? { style: "form", explode: false } : {}),
    schema,
  }));
}

function commonOf(method: Method): Json {
  const signedIn = [{ bearer: [] }, { cookie: [] }];
  return {
    tags: [method.name.split(".")[0]],
    summary: method.summary,
    description: `Method \`${method.name}\`, for ${ACCESS[method.access]}.`,
    security: method.access === "anyone" ? [{}, ...signedIn] : signedIn,
    "x-access": method.access,
    "x-method": method.name,
  };
}

export const ACCESS = {
  anyone: "anyone",
  person: "people who are signed in",
  operator: "operators",
} as const;

function success(output: Schema): Json {
  const schema = jsonSchema(output, "output", DIALECT);
  return { description: "Done.", content: jsonContent(schema, exampleOf(output, schema)) };
}

/** The answers of success, by status. */
function restSuccess(route: RestRoute, method: Method): Record<string, Json> {
  const { status = 200, emptyStatus, answerHeaders = {} } = route;
  const output = route.answer === undefined ? method.output : route.output;
  const headers = Object.entries(answerHeaders).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  const done = {
    ...(status === 204 || output === undefined ? { description: "Done." } : success(output)),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
  if (emptyStatus === undefined) return { [status]: done };
  return { [status]: done, [emptyStatus]: { description: "Done, and there is nothing to tell." } };
}

function jsonContent(schema: JsonSchema, example?: unknown): Json {
  return { "application/json": { schema, ...(example === undefined ? {} : { example }) } };
}

const KEY_REFERENCE = { $ref: "#/components/parameters/IdempotencyKey" };

const IDEMPOTENCY_KEY: Json = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Your own name for this call. A repeat with the same key within ten minutes gets the same answer and has no second effect.",
  schema: { type: "string", pattern: `^[\\x21-\\x7e]{1,${REPEAT_KEY_CHARS_MAX}}$` },
};

const RETRY_AFTER: Json = {
  description: "Seconds after which trying again makes sense.",
  schema: { type: "integer", minimum: 1 },
};
