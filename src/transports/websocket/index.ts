import { type SocketParts, SocketServer } from "./socket-server.ts";

export type { SocketConfig, SocketParts, SocketServer } from "./socket-server.ts";

/** Serves WebSockets on the upgrades of an HTTP server, each protocol at its paths. */
export function attachSockets(parts: SocketParts): SocketServer {
  return new SocketServer(parts);
}
