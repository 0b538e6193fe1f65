import { WebSocket } from "ws";

/** What happens to a socket. */
export interface SocketListener {
  receive(payload: Buffer, isBinary: boolean): void;
  /** A ping or a pong: the peer lives. */
  heard(): void;
  /** The peer broke the WebSocket protocol; the library closes the socket. */
  broken(): void;
  ended(): void;
}

/** The library's socket with one listener, so that a connection costs no closures of its own. */
export class BoundSocket extends WebSocket {
  listener: SocketListener | undefined;

  bind(listener: SocketListener): void {
    this.listener = listener;
    this.on("message", onMessage);
    this.on("ping", onHeard);
    this.on("pong", onHeard);
    this.on("error", onError);
    this.on("close", onClose);
  }
}

function onMessage(this: WebSocket, payload: unknown, isBinary: boolean): void {
  // The binary type is the library's default, which gives a message as one buffer.
  listenerOf(this)?.receive(payload as Buffer, isBinary);
}

function onHeard(this: WebSocket): void {
  listenerOf(this)?.heard();
}

function onError(this: WebSocket): void {
  listenerOf(this)?.broken();
}

function onClose(this: WebSocket): void {
  listenerOf(this)?.ended();
}

function listenerOf(socket: WebSocket): SocketListener | undefined {
  return socket instanceof BoundSocket ? socket.listener : undefined;
}
