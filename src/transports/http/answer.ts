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
}

/** Takes a request through the pipeline: resolves to the body, rejects with errors. */
export type Answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  call: RouteCall,
) => Promise<string | undefined>;

export function createAnswer(
  { dispatch }: Pick<HttpParts, "dispatch">,
  cookie: SessionCookie,
  origins: OriginPolicy,
): Answer {
  return async (request, reply, { transport, name, input, status }) => {
    const { headers } = request.raw;
    const credentials = readCredentials(headers.authorization, headers.cookie, cookie);
    origins.refuseForgery(request.method, headers, credentials);
    const cookies = new AnswerCookies(cookie);
    const answer = await dispatch.call({
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
    });
    if (cookies.header !== undefined) reply.header("set-cookie", cookies.header);
    reply.code(status);
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
