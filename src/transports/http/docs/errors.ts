import {
  type AnyErrorDefinition,
  methodNotFound,
  PIPELINE_ERRORS,
  repeatMismatch,
  StoaError,
} from "../../../core/errors.ts";
import { isRecorded, type Method } from "../../../core/method.ts";
import type { Registry } from "../../../core/registry.ts";
import type { Subscription } from "../../../core/subscription.ts";
import { foreignOrigin, HTTP_ERRORS, unsupportedMediaType } from "../errors.ts";
import { problemOf } from "../problem.ts";
import { type OwnStatus, statusOf } from "../status.ts";
import { exampleOf } from "./examples.ts";
import { type Json, type JsonSchema, jsonSchema } from "./json-schema.ts";

const EXAMPLE_REQUEST_ID = "018f4f6e-9c1b-7a34-8f0e-5d2c7b9a1e60";

/** What an operation may end with whatever its transport: its own errors, then the pipeline's. */
export function errorsOf(operation: Method | Subscription): AnyErrorDefinition[] {
  const repeats = "transaction" in operation && isRecorded(operation);
  return [
    ...operation.errors,
    ...PIPELINE_ERRORS.filter(
      (error) =>
        error !== methodNotFound &&
        (repeats || error !== repeatMismatch) &&
        !operation.errors.includes(error),
    ),
  ];
}

/** What a call over HTTP may end with. */
export function httpErrorsOf(operation: Method): AnyErrorDefinition[] {
  return [...errorsOf(operation), foreignOrigin, unsupportedMediaType];
}

/** Every error there is, by code. */
export function allErrors(registry: Registry): AnyErrorDefinition[] {
  const errors = new Map(registry.errors());
  for (const error of [...PIPELINE_ERRORS, ...HTTP_ERRORS]) errors.set(error.code, error);
  return [...errors.values()].sort((a, b) => a.code.localeCompare(b.code, "en"));
}

/** What all problems have in common. */
export const PROBLEM_SCHEMA: JsonSchema = {
  type: "object",
  description: "A failure (RFC 9457). Programs decide by `code`; `message` is for people.",
  required: ["type", "title", "status", "detail", "code", "message", "requestId"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    code: { type: "string", pattern: "^[A-Z][A-Z0-9_]*$" },
    message: { type: "string" },
    data: { type: "object", description: "Facts about this failure." },
    retryAfterMs: { type: "integer", minimum: 0 },
    requestId: { type: "string", description: "Names the request in the server's log." },
  },
};

/** The problem that one error is. @param own statuses of the route that may end with it */
export function problemSchema(error: AnyErrorDefinition, own?: OwnStatus): JsonSchema {
  const data =
    error.data === undefined ? {} : { data: jsonSchema(error.data, "input", "draft-2020-12") };
  return {
    description: error.message,
    allOf: [
      { $ref: "#/components/schemas/Problem" },
      {
        type: "object",
        required: ["code", "status", ...Object.keys(data)],
        properties: {
          code: { const: error.code },
          status: { const: statusOf(error, own) },
          ...data,
        },
      },
    ],
    examples: [problemExample(error, own)],
  };
}

function problemExample(error: AnyErrorDefinition, own?: OwnStatus): Json {
  const data =
    error.data === undefined
      ? undefined
      : exampleOf(error.data, jsonSchema(error.data, "input", "draft-2020-12"));
  const problem = new StoaError(error, data as Record<string, unknown>);
  return problemOf(problem, EXAMPLE_REQUEST_ID, own);
}
