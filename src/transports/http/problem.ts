import type { FastifyReply, FastifyRequest } from "fastify";
import { errorBody, type StoaError } from "../../core/errors.ts";
import { type OwnStatus, statusOf } from "./status.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Statuses of failures that this route has for itself. */
    errorStatus?: OwnStatus | undefined;
  }
}

/** A failure as RFC 9457 has it, with the members that all of Stoa's transports share. */
export function problemOf(error: StoaError, requestId: string, own?: OwnStatus) {
  return {
    type: `/docs#${error.code}`,
    title: titleOf(error.code),
    status: statusOf(error, own),
    detail: detailOf(error),
    ...errorBody(error),
    requestId,
  };
}

/** The sentence for people, with what was wrong with this very request where that is known. */
function detailOf({ message, data }: StoaError): string {
  const reason = data?.["reason"];
  return typeof reason === "string" ? `${message} ${reason}` : message;
}

/** `SEAT_TAKEN` as people write it: `Seat taken`. */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whole seconds, rounded up, for the kinds that ask the client to come back. */
function retryAfterSeconds(error: StoaError): number | undefined {
  if (error.kind !== "too_many" && error.kind !== "unavailable") return undefined;
  return Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 1000));
}

export function sendProblem(
  reply: FastifyReply,
  error: StoaError,
  { id, routeOptions }: Pick<FastifyRequest, "id" | "routeOptions">,
): void {
  const problem = problemOf(error, id, routeOptions.config?.errorStatus);
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header("retry-after", String(seconds));
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  if (error.data?.["allowed"] !== undefined) {
    reply.header("allow", [error.data["allowed"]].flat().join(", "));
  }
  reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
