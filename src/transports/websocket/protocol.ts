import type { IncomingMessage } from "node:http";
import type { Actor, Credentials } from "../../core/actor.ts";
import type { Connection, ConnectionParts, Peer } from "./connection.ts";

/** What is spoken on a socket, from its handshake on. */
export interface Protocol {
  /** The transport's name in calls, metrics and the log. */
  readonly name: string;
  /** Where it is spoken: `/socket`, `/cinema/socket`. */
  readonly paths: readonly string[];
  /** The largest frame a client may send. */
  readonly frameBytesMax: number;
  /** What a handshake brings to prove who connects. @throws what refuses the handshake */
  credentials(request: IncomingMessage): Credentials;
  /** @throws what refuses the handshake of somebody who may not connect */
  admit?(actor: Actor): void;
  /** The subprotocol that is agreed on, of those that were offered. */
  subprotocol?(offered: ReadonlySet<string>): string | undefined;
  /** The handshake is done. */
  connect(peer: Peer, request: IncomingMessage, parts: ConnectionParts): Connection;
}
