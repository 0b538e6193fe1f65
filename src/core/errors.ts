import { z } from "zod";

/** The closed list of what can go wrong. Every transport answers each of them. */
export const KINDS = [
  "invalid_input",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "rejected",
  "too_large",
  "too_many",
  "unavailable",
  "timeout",
  "internal",
] as const;

export type Kind = (typeof KINDS)[number];

export interface ErrorOptions {
  /** When it is worth trying again, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** What lies behind it; it goes to the log and never to the client. */
  readonly cause?: unknown;
}

/** A failure the product knows: a code, a sentence for people, and data for programs. */
export class StoaError extends Error {
  override readonly name = "StoaError";
  readonly code: string;
  readonly kind: Kind;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    definition: { readonly code: string; readonly kind: Kind; readonly message: string },
    data?: Readonly<Record<string, unknown>>,
    options: ErrorOptions = {},
  ) {
    // A crowd is refused by the thousand, and where in our own code says nothing that the code does
    // not; walking the stack costs more than the rest of a refusal. Causes keep theirs.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(definition.message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = definition.code;
    this.kind = definition.kind;
    this.data = data;
    this.retryAfterMs = options.retryAfterMs;
  }
}

type DataSchema = z.ZodObject;

/** An entry of a module's `errors.ts`. Calling it makes the error to throw. */
export interface ErrorDefinition<Data extends DataSchema | undefined = DataSchema | undefined> {
  readonly code: string;
  readonly kind: Kind;
  readonly message: string;
  readonly data: Data;
  (
    ...args: Data extends DataSchema
      ? [data: z.input<Data>, options?: ErrorOptions]
      : [data?: undefined, options?: ErrorOptions]
  ): StoaError;
}

/** What lists of errors hold: any definition, whatever its data. */
export interface AnyErrorDefinition {
  readonly code: string;
  readonly kind: Kind;
  readonly message: string;
  readonly data: DataSchema | undefined;
}

/**
 * Declares an error.
 *
 * @example
 * export const seatTaken = defineError({
 *   code: "SEAT_TAKEN", kind: "conflict", message: "Some of these seats are no longer free.",
 *   data: z.strictObject({ seatIds: z.array(z.string()) }),
 * });
 * throw seatTaken({ seatIds: ["A-1"] });
 */
export function defineError<Data extends DataSchema | undefined = undefined>(definition: {
  readonly code: string;
  readonly kind: Kind;
  readonly message: string;
  readonly data?: Data;
}): ErrorDefinition<Data> {
  const make = (data?: Readonly<Record<string, unknown>>, options?: ErrorOptions) =>
    new StoaError(definition, data, options);
  return Object.assign(make, {
    code: definition.code,
    kind: definition.kind,
    message: definition.message,
    data: definition.data as Data,
  });
}

const Issue = z.strictObject({
  /** Where in the input, `["seatIds", 0]`. */
  path: z.array(z.union([z.string(), z.number()])),
  /** What was expected there; never the value that came. */
  message: z.string(),
});

/** Errors of the pipeline itself. Any operation may end with these. */
export const methodNotFound = defineError({
  code: "METHOD_NOT_FOUND",
  kind: "not_found",
  message: "There is no operation of this name. The list is at /docs.",
});
export const invalidInput = defineError({
  code: "INVALID_INPUT",
  kind: "invalid_input",
  message: "The input does not have the form this operation takes.",
  data: z.strictObject({ issues: z.array(Issue) }),
});
export const malformed = defineError({
  code: "MALFORMED",
  kind: "invalid_input",
  message: "This is not a well-formed request.",
  data: z.strictObject({ reason: z.string() }),
});
export const unauthenticated = defineError({
  code: "UNAUTHENTICATED",
  kind: "unauthenticated",
  message: "Sign in first: no valid sign-in came with this request, or it has ended.",
});
export const forbidden = defineError({
  code: "FORBIDDEN",
  kind: "forbidden",
  message: "You may not do this.",
});
export const tooLarge = defineError({
  code: "TOO_LARGE",
  kind: "too_large",
  message: "The request is larger than this operation takes.",
  data: z.strictObject({ bytesMax: z.number() }),
});
export const tooMany = defineError({
  code: "TOO_MANY",
  kind: "too_many",
  message: "Too many requests in a short time. Wait a little and try again.",
});
export const repeatMismatch = defineError({
  code: "REPEAT_MISMATCH",
  kind: "conflict",
  message: "This idempotency key was used before with another input.",
});
export const unavailable = defineError({
  code: "UNAVAILABLE",
  kind: "unavailable",
  message: "The service is busy or a part of it is away. Try again in a moment.",
});
export const timedOut = defineError({
  code: "TIMEOUT",
  kind: "timeout",
  message: "The request took too long and was given up.",
});
export const internal = defineError({
  code: "INTERNAL",
  kind: "internal",
  message: "Something failed on our side. It has been noted under this request's id.",
});

/** What more than one transport answers before a request reaches the pipeline. */
export const pathNotFound = defineError({
  code: "PATH_NOT_FOUND",
  kind: "not_found",
  message: "There is nothing at this path. What there is, is listed at /docs.",
});
export const foreignOrigin = defineError({
  code: "FOREIGN_ORIGIN",
  kind: "forbidden",
  message: "This request comes from a page of another site that may not call this service.",
});

export const PIPELINE_ERRORS: readonly AnyErrorDefinition[] = [
  methodNotFound,
  invalidInput,
  malformed,
  unauthenticated,
  forbidden,
  tooLarge,
  tooMany,
  repeatMismatch,
  unavailable,
  timedOut,
  internal,
];

/** The body that every transport puts into its own envelope. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
}

export function errorBody(error: StoaError): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    ...(error.data === undefined ? {} : { data: error.data }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

/** Whether an operation that declares these may end with the error. */
export function isDeclared({ code }: StoaError, errors: readonly AnyErrorDefinition[]): boolean {
  return [...errors, ...PIPELINE_ERRORS].some((error) => error.code === code);
}
