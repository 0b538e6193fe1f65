import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller, Credentials } from "../../core/actor.ts";
import {
  errorBody,
  foreignOrigin,
  type Kind,
  malformed,
  pathNotFound,
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

/** Finds the session cookie in a Cookie header. */
export interface CookieReader {
  read(header: string | undefined): string | undefined;
}

export interface HandshakeRules {
  /** Where sockets are served: `/socket`, `/cinema/socket`. */
  readonly paths: readonly string[];
  readonly origins: OriginRule;
  readonly cookie: CookieReader;
  readonly proxies: TrustedProxies;
  /** How many handshakes a network may make. */
  readonly budgets: TokenBuckets;
}

/**
 * Reads who wants to connect. A browser tells the page's origin, and sends our cookie whoever wrote
 * the page (CWE-1385); programs tell none, and nobody's cookie is at stake with them. Handshakes
 * that some other page makes visitors' browsers try cost the visitors nothing of their budget.
 *
 * @throws PATH_NOT_FOUND, FOREIGN_ORIGIN, MALFORMED, TOO_MANY
 */
export function readHandshake(request: IncomingMessage, rules: HandshakeRules): Caller {
  const { url = "", headers } = request;
  if (!rules.paths.includes(url.split("?", 1)[0] ?? "")) throw pathNotFound();
  const { origin, host } = headers;
  if (origin !== undefined && !rules.origins.allows(origin, host)) throw foreignOrigin();
  const address = rules.proxies.addressOf(request);
  const retryAfterMs = rules.budgets.take(networkOf(address));
  if (retryAfterMs > 0) throw tooMany(undefined, { retryAfterMs });
  return {
    transport: "socket",
    address,
    userAgent: (headers["user-agent"] ?? "").slice(0, USER_AGENT_CHARS_MAX),
    credentials: readCredentials(headers.authorization, headers.cookie, rules.cookie),
  };
}

/** A bearer token wins over the cookie: a program that sends one means it. */
function readCredentials(
  authorization: string | undefined,
  cookieHeader: string | undefined,
  cookie: CookieReader,
): Credentials {
  if (authorization === undefined) return { cookie: cookie.read(cookieHeader) };
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer === undefined) {
    throw malformed({ reason: "The Authorization header is not of the form `Bearer <token>`." });
  }
  return { bearer };
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
