import type { IncomingMessage } from "node:http";
import type { Credentials } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import { readBearer } from "../websocket/handshake.ts";
import type { Protocol } from "../websocket/protocol.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";
import { NativeConnection } from "./native-connection.ts";
import { createPushEncoder } from "./push.ts";

/** Finds the session cookie in a Cookie header. */
interface CookieReader {
  read(header: string | undefined): string | undefined;
}

export interface NativeParts {
  /** Where it is spoken: `/socket`, `/cinema/socket`. */
  readonly paths: readonly string[];
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly cookie: CookieReader;
}

/** The native protocol of document 001, described in `docs/protocol/socket.md`. */
export function nativeProtocol({ paths, dispatch, clock, cookie }: NativeParts): Protocol {
  assertNoOffsets(dispatch);
  const encoder = createPushEncoder(clock);
  return {
    name: "socket",
    paths,
    frameBytesMax: FRAME_BYTES_MAX,
    credentials: (request) => readCredentials(request, cookie),
    connect: (peer, _request, parts) => new NativeConnection(peer, parts, encoder),
  };
}

/** A bearer token wins over the cookie: a program that sends one means it. @throws MALFORMED */
function readCredentials({ headers }: IncomingMessage, cookie: CookieReader): Credentials {
  const { authorization } = headers;
  if (authorization === undefined) return { cookie: cookie.read(headers.cookie) };
  return { bearer: readBearer(authorization) };
}

/** Pushes carry their offset among the event's own fields. */
function assertNoOffsets({ registry }: Dispatch): void {
  for (const [type, schema] of registry.eventSchemas) {
    if ("offset" in schema.shape) throw new Error(`The event ${type} has a field named offset.`);
  }
}
