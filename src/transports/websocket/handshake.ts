import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  errorBody,
  foreignOrigin,
  type Kind,
  malformed,
  type StoaError,
  tooMany,
} from "../../core/errors.ts";
import type { TokenBuckets } from "../../core/limits.ts";
import { networkOf } from "../../core/network.ts";
import type { TrustedProxies } from "./client-address.ts";

const USER_AGENT_CHARS_MAX = 256;
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Which pages may connect. */
export interface OriginRule {
  allows(origin: string, host: string | undefined): boolean;
}

export interface HandshakeRules {
  readonly origins: OriginRule;
  readonly proxies: TrustedProxies;
  /** How many handshakes a network may make. */
  readonly budgets: TokenBuckets;
}

/** The path of a handshake, without its query. */
export function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}

/**
 * Reads where a handshake comes from. A browser tells the page's origin, and sends our cookie
 * whoever wrote the page (CWE-1385); programs tell none, and nobody's cookie is at stake with them.
 * Handshakes that some other page makes visitors' browsers try cost the visitors nothing of their
 * budget.
 *
 * @throws FOREIGN_ORIGIN, TOO_MANY
 */
export function readPeer(request: IncomingMessage, rules: HandshakeRules) {
  const { headers } = request;
  const { origin, host } = headers;
  if (origin !== undefined && !rules.origins.allows(origin, host)) throw foreignOrigin();
  const address = rules.proxies.addressOf(request);
  const retryAfterMs = rules.budgets.take(networkOf(address));
  if (retryAfterMs > 0) throw tooMany(undefined, { retryAfterMs });
  return { address, userAgent: (headers["user-agent"] ?? "").slice(0, USER_AGENT_CHARS_MAX) };
}

/** The token of an Authorization header. @throws MALFORMED */
export function readBearer(authorization: string): string {
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer === undefined) {
    throw malformed({ reason: "The Authorization header is not of the form `Bearer <token>`." });
  }
  return bearer;
}

/** What a handshake can end with instead of the 101. */
const STATUS: Readonly<Record<Kind, string>> = {
  invalid_input: "400 Bad Request",
  unauthenticated: "401 Unauthorized",
  forbidden: "403 Forbidden",
  not_found: "404 Not Found",
  conflict: "409 Conflict",
  rejected: "422 Unprocessable Entity",
  too_large: "413 Payload Too Large",
  too_many: "429 Too Many Requests",
  unavailable: "503 Service Unavailable",
  timeout: "504 Gateway Timeout",
  internal: "500 Internal Server Error",
};

/** Answers a handshake with an error instead of the 101, and ends the connection. */
export function refuseHandshake(socket: Duplex, error: StoaError, requestId: string): void {
  const body = JSON.stringify({ ...errorBody(error), requestId });
  const lines = [
    `HTTP/1.1 ${STATUS[error.kind]}`,
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
  ];
  if (error.retryAfterMs !== undefined) {
    lines.push(`Retry-After: ${Math.ceil(error.retryAfterMs / 1000)}`);
  }
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
