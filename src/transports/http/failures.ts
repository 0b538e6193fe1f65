import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { internal, malformed, StoaError, tooLarge } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import { headersTooLarge, requestTimeout, unsupportedMediaType } from "./errors.ts";
import type { Headers } from "./headers.ts";
import { DROPPED_BYTES_MAX } from "./limits.ts";
import { addressOf } from "./peers.ts";
import { PROBLEM_TYPE, problemOf, sendProblem } from "./problem.ts";
import { statusOf } from "./status.ts";

/** The last resort: whatever failed, a typed error goes out and one line goes to the log. */
export function errorHandler(log: Log) {
  return (cause: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toStoaError(cause, request);
    logFailure(log, cause, error, request);
    if (error.kind === "too_large" && announcedBytes(request) <= DROPPED_BYTES_MAX) {
      // The rest of the body is read and dropped, so that the client gets to read this answer.
      reply.removeHeader("connection");
    }
    sendProblem(reply, error, request);
  };
}

/**
 * One line a failed request. What a handler threw, the pipeline has written down already under
 * the same request's id. Refusals under load are counted, not logged: a flood must not become a
 * flood of lines.
 */
function logFailure(log: Log, cause: unknown, error: StoaError, request: FastifyRequest): void {
  if (error.kind === "too_many" || error.kind === "unavailable") return;
  const fields = {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? "none",
    status: statusOf(error, request.routeOptions.config?.errorStatus),
    code: error.code,
    address: addressOf(request),
  };
  if (error.kind === "internal" && !(cause instanceof StoaError)) {
    log.error({ ...fields, err: cause }, "a request failed unexpectedly");
  } else {
    log.warn(fields, "a request was refused or failed");
  }
}

function toStoaError(cause: unknown, request: FastifyRequest): StoaError {
  if (cause instanceof StoaError) return cause;
  switch (codeOf(cause)) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return tooLarge({ bytesMax: request.routeOptions.bodyLimit });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return unsupportedMediaType();
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return malformed({ reason: "The body is not as long as its Content-Length says." });
    case "FST_ERR_BAD_URL":
      return malformed({ reason: "The path is not percent-encoded UTF-8." });
    case "FST_ERR_MAX_PARAM_LENGTH":
      return malformed({ reason: "A part of the path is too long." });
    case "FST_ERR_ROUTE_MISSING_CONTENT_TYPE":
      return unsupportedMediaType();
    case "ECONNRESET":
      return malformed({ reason: "The request broke off." });
    default:
      return internal(undefined, { cause });
  }
}

function codeOf(cause: unknown): unknown {
  return typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
}

function announcedBytes(request: FastifyRequest): number {
  return Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY);
}

/** Answers what is not even HTTP: the socket gets a problem and is closed. */
export function clientErrorHandler(ids: Ids, headers: Headers) {
  return (cause: Error & { code?: string }, socket: Socket): void => {
    if (cause.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const error = fromParser(cause.code);
    const problem = problemOf(error, ids.uuid());
    const body = JSON.stringify(problem);
    const lines = Object.entries({
      ...headers,
      "content-type": PROBLEM_TYPE,
      "content-length": String(Buffer.byteLength(body)),
      connection: "close",
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`;
    socket.end(`${status}${lines.join("")}\r\n${body}`, () => socket.destroy());
  };
}

function fromParser(code: string | undefined): StoaError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return requestTimeout();
  if (code === "HPE_HEADER_OVERFLOW") return headersTooLarge();
  return malformed({ reason: "It is not valid HTTP/1.1." });
}
