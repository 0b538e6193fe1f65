import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Clock, sleep } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { AnswerRemote, RemoteAnswer } from "../../core/remote.ts";
import {
  CONNECTIONS_MAX,
  DRAIN_MS_MAX,
  HEADER_BYTES_MAX,
  KEEP_ALIVE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  TIMEOUT_CHECK_INTERVAL_MS,
} from "./limits.ts";
import { BodyTooLarge, readBody } from "./read-body.ts";

export interface ShardServerOptions {
  readonly host: string;
  readonly port: number;
  /** What has to come as a bearer token with every question; undefined asks for nothing. */
  readonly secret: string | undefined;
  readonly questionBytesMax: number;
  readonly answer: AnswerRemote;
  /** Whether questions can be answered at the moment. */
  readonly ready: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ShardServer {
  readonly url: string;
  /** Stops listening, answers what is under way, and ends. */
  close(): Promise<void>;
}

/** A failure of HTTP itself, in the form that answers have. */
const failure = (status: number, message: string): RemoteAnswer => ({
  status,
  body: JSON.stringify({ failure: "malformed", message }),
});
const UNAUTHORISED = failure(401, "SHARD_SECRET is not the same on both sides.");
const FROM_A_PAGE = failure(403, "Pages of the web ask a shard nothing.");
const METHOD_NOT_ALLOWED = failure(405, "Questions come by POST.");
const TOO_LARGE = failure(413, "The question is too long.");
const NOT_JSON = failure(415, "Questions are application/json.");
const BROKEN_OFF = failure(400, "The question broke off.");

/** Listens for orchestrators: questions by POST; `/health` and `/ready` for whoever watches. */
export async function listenForOrchestrators(options: ShardServerOptions): Promise<ShardServer> {
  const { host, port, clock } = options;
  const isTrusted = secretCheck(options.secret);
  let stopping = false;
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, body } = await answerOf(request, options, isTrusted, stopping);
    response.writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(status === 405 ? { allow: "POST" } : {}),
      // What was not read to its end would be taken for the next request.
      ...(stopping || !request.complete ? { connection: "close" } : {}),
    });
    response.end(body);
  };
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      respond(request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const bound = server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    close() {
      stopping = true;
      return drain(server, clock);
    },
  };
}

async function answerOf(
  request: IncomingMessage,
  { answer, ready, questionBytesMax, log }: ShardServerOptions,
  isTrusted: (authorization: string | undefined) => boolean,
  stopping: boolean,
): Promise<RemoteAnswer> {
  const { url = "", method, headers } = request;
  if (method === "GET" && url === "/health") return status(200, "alive");
  if (method === "GET" && url === "/ready") {
    if (stopping) return status(503, "draining");
    return (await ready()) ? status(200, "ready") : status(503, "unready");
  }
  // Browsers say so with every POST, also to this machine, where no secret may be needed.
  if (headers.origin !== undefined) return FROM_A_PAGE;
  if (!isTrusted(headers.authorization)) {
    log.warn({ address: request.socket.remoteAddress }, "a question came without the secret");
    return UNAUTHORISED;
  }
  if (method !== "POST") return METHOD_NOT_ALLOWED;
  if (headers["content-type"] !== "application/json") return NOT_JSON;
  let body: string;
  try {
    body = await readBody(request, questionBytesMax);
  } catch (cause) {
    return cause instanceof BodyTooLarge ? TOO_LARGE : BROKEN_OFF;
  }
  return answer(url, body);
}

const status = (code: number, state: string): RemoteAnswer => ({
  status: code,
  body: JSON.stringify({ status: state }),
});

/** Compares in a time that does not depend on how much of the secret is right. */
function secretCheck(secret: string | undefined): (authorization: string | undefined) => boolean {
  if (secret === undefined) return () => true;
  const hashOf = (text: string) => createHash("sha256").update(text).digest();
  const expected = hashOf(`Bearer ${secret}`);
  return (authorization = "") => timingSafeEqual(hashOf(authorization), expected);
}

async function drain(server: Server, clock: Clock): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const done = new AbortController();
  server.close(() => {
    done.abort();
    closed.resolve();
  });
  server.closeIdleConnections();
  await sleep(clock, DRAIN_MS_MAX, done.signal);
  server.closeAllConnections();
  await closed.promise;
}
