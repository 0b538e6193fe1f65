import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Clock } from "../../core/clock.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import type { StoaError } from "../../core/errors.ts";
import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import { REFUSING_SHARE_MAX, REFUSING_SLICE_MS } from "./limits.ts";
import { sendProblem } from "./problem.ts";

/** Stands before the route of an operation; see {@link createDoor}. */
export type Door = (name: string, transport: string) => onRequestHookHandler;

interface Refused {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly refusal: StoaError;
}

/**
 * Refuses calls for which there is no place, before anything of them is read but the head.
 *
 * Refusing costs a good part of what a cheap call costs, and whoever is refused may ask again at
 * once. Answers to them therefore take no more than a share of the event loop's time, however many
 * there are: the flood waits for itself, and not those who were let in. Whoever waits for an answer
 * asks nothing else on that connection, so there are never more of them than connections.
 */
export function createDoor(dispatch: Dispatch, clock: Clock): Door {
  const refused: Refused[] = [];
  let lastMs = 0;
  const tell = () => {
    const startedMs = clock.monotonicMs();
    const spendMs = Math.max(REFUSING_SLICE_MS, (startedMs - lastMs) * REFUSING_SHARE_MAX);
    let told = 0;
    for (const { request, reply, refusal } of refused) {
      sendProblem(reply, refusal, request);
      told += 1;
      lastMs = clock.monotonicMs();
      if (lastMs - startedMs > spendMs) break;
    }
    refused.splice(0, told);
    if (refused.length > 0) clock.after(0, tell);
  };
  return (name, transport) => (request, reply, done) => {
    const refusal = isSmall(request) ? dispatch.turnAway(name, transport) : undefined;
    if (refusal === undefined) return done();
    if (refused.push({ request, reply, refusal }) > 1) return;
    lastMs = clock.monotonicMs();
    clock.after(0, tell);
  };
}

/** What is behind the head of a refused request is read and dropped, so it has to be little. */
function isSmall({ headers }: FastifyRequest): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= INPUT_BYTES_MAX;
}
