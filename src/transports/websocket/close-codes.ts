/**
 * Why a socket is closed. Codes from 3000 to 3499 tell the client to come back, those from 3500 to
 * 3999 not to: it would be closed again for the same reason. Clients come back after every other
 * code, of which the service itself uses 1012 (RFC 6455, IANA's registry). The table is part of
 * `docs/protocol/socket.md`.
 */
export interface CloseCode {
  readonly code: number;
  /** The metrics' name for it. */
  readonly name: string;
  /** A sentence for the close frame, at most 123 bytes. */
  readonly reason: string;
  readonly reconnect: boolean;
}

export const RESTARTING: CloseCode = {
  code: 1012,
  name: "restarting",
  reason: "The service restarts. Reconnect.",
  reconnect: true,
};
export const SLOW_READER: CloseCode = {
  code: 3000,
  name: "slow_reader",
  reason: "Too much waits for you to read it. Reconnect and recover.",
  reconnect: true,
};
export const SESSION_ENDED: CloseCode = {
  code: 3001,
  name: "session_ended",
  reason: "The sign-in behind this socket has ended. Reconnect.",
  reconnect: true,
};
export const IDLE: CloseCode = {
  code: 3002,
  name: "idle",
  reason: "Nothing was heard from you, not even a pong. Reconnect.",
  reconnect: true,
};
export const BAD_FRAMES: CloseCode = {
  code: 3500,
  name: "bad_frames",
  reason: "Too many frames were not well-formed requests.",
  reconnect: false,
};
export const FLOOD: CloseCode = {
  code: 3501,
  name: "flood",
  reason: "Requests kept coming far faster than they are taken.",
  reconnect: false,
};

export const CLOSE_CODES: readonly CloseCode[] = [
  RESTARTING,
  SLOW_READER,
  SESSION_ENDED,
  IDLE,
  BAD_FRAMES,
  FLOOD,
];
