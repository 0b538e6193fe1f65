import { type SocketParts, SocketServer } from "./socket-server.ts";

export { SOCKET_ERRORS } from "./errors.ts";
export type { SocketConfig, SocketParts, SocketServer } from "./socket-server.ts";

/**
 * Serves the native protocol of document 001 on the upgrades of an HTTP server. The protocol is
 * described in `docs/protocol/socket.md`.
 */
export function attachSocket(parts: SocketParts): SocketServer {
  return new SocketServer(parts);
}
