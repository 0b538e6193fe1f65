import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type RouteShorthandOptions,
} from "fastify";
import type { Clock } from "../../core/clock.ts";
import { malformed } from "../../core/errors.ts";
import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { type Answer, createAnswer } from "./answer.ts";
import { acceptOnlyJson } from "./body.ts";
import { boundConnections } from "./connections.ts";
import { SessionCookie } from "./cookies.ts";
import { createDoor, type Door } from "./door.ts";
import { Drain } from "./drain.ts";
import { clientErrorHandler, errorHandler } from "./failures.ts";
import { dataHeaders, type Headers, pageHeaders, responsesWith } from "./headers.ts";
import * as limits from "./limits.ts";
import { OriginPolicy } from "./origins.ts";
import type { HttpParts } from "./parts.ts";
import { addressOf, hasTwoHosts, requestIds, trustOnly } from "./peers.ts";
import { RouteTable } from "./routes.ts";
import { answerUnrouted } from "./unrouted.ts";

/** The server and what transports on top of it share. */
export interface HttpServer {
  readonly fastify: FastifyInstance;
  readonly clock: Clock;
  /** Takes a request to a method. */
  readonly answer: Answer;
  /** Refuses requests of a method before they are read, when there is no place. */
  readonly door: Door;
  readonly routes: RouteTable;
  /** What a route takes that answers a page, or a file that a page loads. */
  readonly asPage: RouteShorthandOptions;
  readonly cookie: SessionCookie;
  readonly origins: OriginPolicy;
  readonly draining: () => boolean;
  /**
   * Stops: `/ready` says no, answers end their connections, nothing in flight is cut off unless
   * it takes longer than {@link limits.DRAIN_MS_MAX}.
   */
  drain(): Promise<void>;
}

type Prepare = (request: FastifyRequest, reply: FastifyReply) => void;

/** The bare server: no route yet, but every answer already has its headers and its error form. */
export function createHttpServer(parts: HttpParts): HttpServer {
  const { config, clock, log } = parts;
  const headers = dataHeaders(config);
  const forPages = pageHeaders(config);
  const cookie = new SessionCookie(config.secureCookies);
  const ownHeaders = [...parts.registry.routes()].flatMap(({ route: { answerHeaders = {} } }) =>
    Object.keys(answerHeaders),
  );
  const origins = new OriginPolicy(config, ownHeaders);
  const routes = new RouteTable();
  /** Gives an answer the headers that depend on its request, before anything is known of it. */
  const prepare: Prepare = (request, reply) => {
    reply.header("x-request-id", request.id);
    const { origin, host } = request.raw.headers;
    if (origin !== undefined) reply.headers(origins.answerHeaders(origin, host));
    if (drain.started) reply.header("connection", "close");
  };
  const app = createFastify(parts, headers, prepare);
  const drain = new Drain(app, clock, config.production);

  routes.follow(app);
  app.addHook("onRequest", (request, reply, done) => {
    prepare(request, reply);
    done(hasTwoHosts(request.raw) ? malformed({ reason: "It has two Host headers." }) : undefined);
  });
  if (config.accessLog) logAccess(app, log);
  app.setNotFoundHandler((request, reply) => answerUnrouted(routes, origins, request, reply));
  acceptOnlyJson(app);
  return {
    fastify: app,
    clock,
    door: createDoor(parts.dispatch, clock),
    answer: createAnswer(parts, cookie, origins),
    routes,
    asPage: {
      onRequest(_request, reply, done) {
        reply.headers(forPages);
        done();
      },
    },
    cookie,
    origins,
    draining: () => drain.started,
    drain: () => drain.run(),
  };
}

function createFastify(
  { config, ids, log }: HttpParts,
  headers: Headers,
  prepare: Prepare,
): FastifyInstance {
  const trusts = trustOnly(config.trustedProxies);
  const handleError = errorHandler(log);
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: INPUT_BYTES_MAX,
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionTimeout: limits.CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    http: {
      ServerResponse: responsesWith(headers),
      headersTimeout: limits.HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: limits.TIMEOUT_CHECK_INTERVAL_MS,
      maxHeaderSize: limits.HEADER_BYTES_MAX,
      // Only a WebSocket is worth an upgrade, and only when somebody takes it.
      shouldUpgradeCallback: ({ headers: { upgrade } }) =>
        upgrade?.toLowerCase() === "websocket" && app.server.listenerCount("upgrade") > 0,
    },
    genReqId: requestIds(ids, trusts),
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length > 0 ? trusts : false,
    // A request that arrives while the server closes is answered like any other.
    return503OnClosing: false,
    frameworkErrors: (cause, request, reply) => {
      prepare(request, reply);
      handleError(cause, request, reply);
    },
    clientErrorHandler: clientErrorHandler(ids, headers),
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: limits.PATH_PARAMETER_CHARS_MAX,
      // The query stays text until a route that wants one reads it, strictly.
      querystringParser: (text) => ({ text }),
    },
  });
  // No route takes it, and the framework would ask for its content before it says so.
  app.addHttpMethod("QUERY", { hasBody: false, overrideExisting: true });
  app.setErrorHandler(handleError);
  app.server.maxHeadersCount = limits.HEADERS_MAX;
  app.server.maxConnections = limits.CONNECTIONS_MAX;
  boundConnections(app.server, limits.CONNECTIONS_PER_NETWORK_MAX, trusts);
  return app;
}

function logAccess(app: FastifyInstance, log: Log): void {
  app.addHook("onResponse", (request, reply, done) => {
    const { id, method, routeOptions } = request;
    const fields = { requestId: id, method, route: routeOptions.url, address: addressOf(request) };
    const durationMs = reply.elapsedTime;
    log.debug({ ...fields, status: reply.statusCode, durationMs }, "a request was answered");
    done();
  });
}
