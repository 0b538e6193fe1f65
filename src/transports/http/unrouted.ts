import type { FastifyReply, FastifyRequest } from "fastify";
import { methodNotAllowed, pathNotFound } from "./errors.ts";
import type { OriginPolicy } from "./origins.ts";
import type { RouteTable } from "./routes.ts";

/**
 * Answers what no route takes: OPTIONS on a path that is there (preflights among them), other
 * methods than its own, and paths where nothing is.
 *
 * @throws PATH_NOT_FOUND, METHOD_NOT_ALLOWED, FOREIGN_ORIGIN
 */
export function answerUnrouted(
  routes: RouteTable,
  origins: OriginPolicy,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const registered = routes.allowed(request.raw.url ?? "");
  if (registered.length === 0) throw pathNotFound();
  const allowed = [...registered, "OPTIONS"].sort();
  if (request.method !== "OPTIONS") throw methodNotAllowed({ allowed });
  const { origin, host, "access-control-request-method": wanted } = request.raw.headers;
  if (origin !== undefined && wanted !== undefined) {
    reply.headers(origins.preflightHeaders(origin, host, allowed));
  }
  reply.header("allow", allowed.join(", ")).code(204).send();
}
