import type { AnyApi, Api, Input, MethodName, Output } from "./api.ts";
import { clientError, readError } from "./call-error.ts";

export interface HttpCallOptions {
  /** An access token; without one the browser's cookie signs the call. */
  readonly bearer?: string;
  /** Calls with the same key and input have one effect and one answer. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

const TIMEOUT_MS = 15_000;

/**
 * Calls a method over HTTP: for signing in and out, since a socket's answers set no cookie.
 *
 * @param baseUrl without a trailing slash; empty for the page's own service
 * @throws CallError, or the signal's reason when that aborts
 */
export async function callHttp<N extends MethodName<A>, A extends AnyApi = Api>(
  baseUrl: string,
  name: N,
  input: Input<N, A>,
  options: HttpCallOptions = {},
): Promise<Output<N, A>> {
  const { bearer, idempotencyKey, signal, timeoutMs = TIMEOUT_MS } = options;
  const fetch = options.fetch ?? globalThis.fetch;
  const timeout = AbortSignal.timeout(timeoutMs);
  const headers = new Headers({ "content-type": "application/json" });
  if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  try {
    const response = await fetch(`${baseUrl}/api/${name}`, {
      method: "POST",
      headers,
      body: JSON.stringify(input),
      credentials: "include",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw errorOf(answer);
    // The service checks its answers against the schema this type is inferred from.
    return answer as Output<N, A>;
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) throw clientError("TIMEOUT");
    // What fetch and a body that is no JSON throw: there is no service at the other end.
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw clientError("DISCONNECTED", error);
    }
    throw error;
  }
}

/** Reads the problem document of an error (RFC 9457), of which our own members matter here. */
function errorOf(problem: unknown) {
  const { code, message, data, retryAfterMs, requestId } = problem as Record<string, unknown>;
  if (typeof code !== "string") return clientError("DISCONNECTED");
  return readError(code, { ...(data ?? {}), message, retryAfterMs, requestId });
}
