import type { IncomingMessage } from "node:http";
import type { Credentials } from "../../core/actor.ts";
import { readBearer } from "../websocket/handshake.ts";
import { connectRefused, unknownVersion } from "./errors.ts";

/** Frames are objects in version 1, arrays and bytes in version 2. */
export type Version = 1 | 2;

export const SUBPROTOCOL = "phoenix";
/** The client's `authToken` comes as a subprotocol, which browsers let a page choose. */
const TOKEN_SUBPROTOCOL = "base64url.bearer.phx.";
const VERSION = /^([12])\.\d{1,5}\.\d{1,5}$/;

function queryOf({ url = "" }: IncomingMessage): URLSearchParams {
  const at = url.indexOf("?");
  return new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
}

/** The version that a client speaks, the first where it does not say. @throws UNKNOWN_VERSION */
export function readVersion(request: IncomingMessage): Version {
  const version = queryOf(request).get("vsn");
  if (version === null) return 1;
  switch (VERSION.exec(version)?.[1]) {
    case "1":
      return 1;
    case "2":
      return 2;
    default:
      throw unknownVersion();
  }
}

/**
 * The token of whoever connects: as the client's `authToken`, as `token` among its parameters, or
 * in a program's Authorization header. Cookies do not count: a page of ours uses the native socket.
 *
 * @throws CONNECT_REFUSED when none came
 */
export function readCredentials(request: IncomingMessage): Credentials {
  const { authorization } = request.headers;
  const bearer =
    readSubprotocol(request.headers["sec-websocket-protocol"]) ??
    queryOf(request).get("token") ??
    (authorization === undefined ? undefined : readBearer(authorization));
  if (bearer === undefined || bearer === "") throw connectRefused();
  return { bearer };
}

function readSubprotocol(offered: string | undefined): string | undefined {
  const ours = offered
    ?.split(",")
    .map((name) => name.trim())
    .find((name) => name.startsWith(TOKEN_SUBPROTOCOL));
  if (ours === undefined) return undefined;
  return Buffer.from(ours.slice(TOKEN_SUBPROTOCOL.length), "base64").toString();
}
