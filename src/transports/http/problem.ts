import type { FastifyReply } from "fastify";
import { errorBody, type StoaError } from "../../core/errors.ts";
import { statusOf } from "./status.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** A failure as RFC 9457 has it, with the members that all of Stoa's transports share. */
export function problemOf(error: StoaError, requestId: string) {
  return {
    type: `/docs#${error.code}`,
    title: titleOf(error.code),
    status: statusOf(error),
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

export function sendProblem(reply: FastifyReply, error: StoaError, requestId: string): void {
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header("retry-after", String(seconds));
  if (error.kind === "unauthenticated") reply.header("www-authenticate", "Bearer");
  if (error.data?.["allowed"] !== undefined) {
    reply.header("allow", [error.data["allowed"]].flat().join(", "));
  }
  const problem = problemOf(error, requestId);
  reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
