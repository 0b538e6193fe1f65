import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import { type Answer, createAnswer } from "./answer.ts";
import { acceptOnlyJson } from "./body.ts";
import { SessionCookie } from "./cookies.ts";
import { Drain } from "./drain.ts";
import { methodNotAllowed, pathNotFound } from "./errors.ts";
import { clientErrorHandler, errorHandler } from "./failures.ts";
import { securityHeaders } from "./headers.ts";
import * as limits from "./limits.ts";
import { OriginPolicy } from "./origins.ts";
import type { HttpParts } from "./parts.ts";
import { addressOf, requestIds, trustOnly } from "./peers.ts";
import { sendProblem } from "./problem.ts";
import { RouteTable } from "./routes.ts";

/** The server and what transports on top of it share. */
export interface HttpServer {
  readonly fastify: FastifyInstance;
  /** Takes a request to a method. */
  readonly answer: Answer;
  readonly routes: RouteTable;
  readonly cookie: SessionCookie;
  readonly origins: OriginPolicy;
  readonly draining: () => boolean;
  /**
   * Stops: `/ready` says no, answers end their connections, nothing in flight is cut off unless
   * it takes longer than {@link limits.DRAIN_MS_MAX}.
   */
  drain(): Promise<void>;
}

/** The bare server: no route yet, but every answer already has its headers and its error form. */
export function createHttpServer(parts: HttpParts): HttpServer {
  const { config, ids, log, clock } = parts;
  const trusts = trustOnly(config.trustedProxies);
  const headers = securityHeaders(config);
  const handleError = errorHandler(log);
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: INPUT_BYTES_MAX,
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionTimeout: limits.CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    http: {
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
  app.server.maxHeadersCount = limits.HEADERS_MAX;
  app.server.maxConnections = limits.CONNECTIONS_MAX;

  const routes = new RouteTable();
  routes.follow(app);
  const cookie = new SessionCookie(config.secureCookies);
  const origins = new OriginPolicy(config);
  const drain = new Drain(app, clock, config.production);

  /** Gives an answer the headers that all have, before anything is known about it. */
  function prepare(request: FastifyRequest, reply: FastifyReply): void {
    reply.headers(headers);
    reply.header("x-request-id", request.id);
    const { origin, host } = request.raw.headers;
    if (origin !== undefined) reply.headers(origins.answerHeaders(origin, host));
    if (drain.started) reply.header("connection", "close");
  }
  app.addHook("onRequest", (request, reply, done) => {
    prepare(request, reply);
    done();
  });
  if (config.accessLog) {
    app.addHook("onResponse", (request, reply, done) => {
      const { id, method, routeOptions } = request;
      const address = addressOf(request);
      const fields = { requestId: id, method, route: routeOptions.url, address };
      const durationMs = reply.elapsedTime;
      log.debug({ ...fields, status: reply.statusCode, durationMs }, "a request was answered");
      done();
    });
  }
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((request, reply) => answerUnrouted(routes, origins, request, reply));
  acceptOnlyJson(app);

  return {
    fastify: app,
    answer: createAnswer(parts, cookie, origins),
    routes,
    cookie,
    origins,
    draining: () => drain.started,
    drain: () => drain.run(),
  };
}

/** What no route takes: preflights, wrong HTTP methods, unknown paths. */
function answerUnrouted(
  routes: RouteTable,
  origins: OriginPolicy,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const registered = routes.allowed(request.raw.url ?? "");
  if (registered.length === 0) {
    sendProblem(reply, pathNotFound(), request.id);
    return;
  }
  const allowed = [...registered, "OPTIONS"].sort();
  if (request.method !== "OPTIONS") {
    sendProblem(reply, methodNotAllowed({ allowed }), request.id);
    return;
  }
  const { origin, host, "access-control-request-method": wanted } = request.raw.headers;
  if (origin !== undefined && wanted !== undefined) {
    reply.headers(origins.preflightHeaders(origin, host, allowed));
  }
  reply.header("allow", allowed.join(", ")).code(204).send();
}
