/** What makes a call fail without an answer of the service. */
export const CLIENT_ERRORS = {
  TIMEOUT: "No answer came in time.",
  DISCONNECTED: "The connection to the service was lost.",
  CLOSED: "The connection was closed.",
  TOO_LARGE: "The request is larger than the service takes.",
  TOO_MANY: "Too many calls wait for an answer.",
} as const;

/** A failed call: a code for programs, a sentence for people, and what the operation adds. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** As the service names it (`docs/errors.md`), or a key of {@link CLIENT_ERRORS}. */
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it is worth trying again, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;
  /** Names the request in the service's log; undefined when the service did not answer. */
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    more: {
      readonly data?: Readonly<Record<string, unknown>>;
      readonly retryAfterMs?: number | undefined;
      readonly requestId?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.data = more.data ?? {};
    this.retryAfterMs = more.retryAfterMs;
    this.requestId = more.requestId;
  }
}

export function clientError(code: keyof typeof CLIENT_ERRORS, cause?: unknown): CallError {
  return new CallError(code, CLIENT_ERRORS[code], { cause });
}

/** Reads the fields that every transport gives an error, whatever it puts around them. */
export function readError(code: string, fields: Readonly<Record<string, unknown>>): CallError {
  const { message, retryAfterMs, requestId, ...data } = fields;
  return new CallError(code, typeof message === "string" ? message : code, {
    data,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
  });
}
