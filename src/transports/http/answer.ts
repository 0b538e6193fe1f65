import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Credentials } from "../../core/actor.ts";
import { encodeAnswer } from "../../core/answers.ts";
import { malformed } from "../../core/errors.ts";
import { REPEAT_KEY_CHARS_MAX } from "../../core/limits.ts";
import { AnswerCookies, type SessionCookie } from "./cookies.ts";
import { USER_AGENT_CHARS_MAX } from "./limits.ts";
import type { OriginPolicy } from "./origins.ts";
import type { HttpParts } from "./parts.ts";
import { addressOf, signalOf } from "./peers.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const REPEAT_KEY = /^[\x21-\x7e]+$/;

/** A call as a route makes it. */
export interface RouteCall {
  /** `http` or `rest`. */
  readonly transport: string;
  /** The wire name of the method. */
  readonly name: string;
  readonly input: unknown;
  /** The status of success; 204 sends no body. */
  readonly status: number;
  /**
   * Makes the body out of the method's answer, and sets status and headers; see {@link Respond}.
   */
  readonly respond?: Respond | undefined;
}

/**
 * Answers otherwise than with the method's own answer as JSON.
 *
 * @param ask calls the method again with another input, for the same caller
 */
export type Respond = (
  reply: FastifyReply,
  output: unknown,
  ask: (input: unknown) => Promise<unknown>,
) => string | Readable | undefined;

/** Takes a request through the pipeline: resolves to the body, rejects with errors. */
export type Answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  call: RouteCall,
) => Promise<string | Readable | undefined>;

export function createAnswer(
  { dispatch }: Pick<HttpParts, "dispatch">,
  cookie: SessionCookie,
  origins: OriginPolicy,
): Answer {
  return async (request, reply, { transport, name, input, status, respond }) => {
    const { headers } = request.raw;
    const credentials = readCredentials(headers.authorization, headers.cookie, cookie);
    origins.refuseForgery(request.method, headers, credentials);
    const cookies = new AnswerCookies(cookie);
    const call = {
      name,
      input,
      inputBytes: request.bodyBytes,
      caller: {
        transport,
        address: addressOf(request),
        userAgent: (headers["user-agent"] ?? "").slice(0, USER_AGENT_CHARS_MAX),
        credentials,
        cookies,
      },
      requestId: request.id,
      repeatKey: readRepeatKey(headers["idempotency-key"]),
      signal: signalOf(request.raw.socket),
    };
    const answer = await dispatch.call(call);
    if (cookies.header !== undefined) reply.header("set-cookie", cookies.header);
    reply.code(status);
    if (respond !== undefined) {
      return respond(reply, answer, (next) => dispatch.call({ ...call, input: next }));
    }
    if (status === 204) return undefined;
    reply.type(JSON_TYPE);
    return encodeAnswer(answer);
  };
}

/** A bearer token wins over the cookie: a program that sends one means it. */
function readCredentials(
  authorization: string | undefined,
  cookieHeader: string | undefined,
  cookie: SessionCookie,
): Credentials {
  if (authorization === undefined) return { cookie: cookie.read(cookieHeader) };
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer === undefined) {
    throw malformed({ reason: "The Authorization header is not of the form `Bearer <token>`." });
  }
  return { bearer };
}

function readRepeatKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = String(header);
  if (key.length > REPEAT_KEY_CHARS_MAX || !REPEAT_KEY.test(key)) {
    throw malformed({
      reason: `The Idempotency-Key is not 1 to ${REPEAT_KEY_CHARS_MAX} visible ASCII characters.`,
    });
  }
  return key;
}
