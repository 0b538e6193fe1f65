import type { Budget } from "../../core/limits.ts";

/** The bounds of every socket, whatever is spoken on it, with their units. */

/** Fragments that a frame may come in. */
export const FRAGMENTS_MAX = 64;
/** Requests of a socket that run at once; more are refused. */
export const REQUESTS_RUNNING_MAX = 64;
/** When a refused request is worth repeating. */
export const REQUESTS_RETRY_AFTER_MS = 100;
/** Frames a socket may send: its burst, and how fast that refills. */
export const FRAME_BUDGET: Budget = { burst: 300, perSecond: 60 };
/** Bad frames a socket may send; the last of them closes it. */
export const BAD_FRAMES_MAX = 100;

/** Bytes that may wait for a reader; a slower one is cut off. */
export const OUTBOUND_BYTES_MAX = 1024 * 1024;
/** Pushes are gathered for at most this long into one write a socket. */
export const COALESCE_MS = 33;
/** Sockets written to in one turn of the event loop; further ones follow in the next. */
export const FLUSHES_PER_TURN_MAX = 2_000;

/** How often each socket is looked at: silent, stalled, due for a ping or a look at its session. */
export const VISIT_INTERVAL_MS = 5_000;
/** How often a socket is pinged. */
export const PING_INTERVAL_MS = 25_000;
/** A socket that was not heard for so long is closed. */
export const IDLE_MS = 60_000;
/** The session behind a socket is looked up again after this long … */
export const REVALIDATE_AFTER_MS = 5 * 60_000;
/** … and when that keeps failing, the socket is closed after this long. */
export const UNVALIDATED_MS_MAX = 30 * 60_000;
/** How long requests may still run once the session behind a socket has ended. */
export const DISMISSAL_MS_MAX = 500;
/** How long the peer may take to answer a close before the connection is destroyed. */
export const CLOSE_GRACE_MS = 400;
/** How long a handshake may take. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** When a refused handshake is worth repeating. */
export const HANDSHAKE_RETRY_AFTER_MS = 5_000;
/** Handshakes and sockets of this process together; what the server accepts beyond is for HTTP. */
export const SOCKETS_MAX = 18_000;

/** A drain closes one socket after the other over this long at the most … */
export const DRAIN_SPREAD_MS_MAX = 5_000;
/** … and over this long for each socket, so that few sockets are closed soon. */
export const DRAIN_MS_PER_SOCKET = 10;
/** The step of a drain. */
export const DRAIN_STEP_MS = 50;
/** How long requests that run may hold up a drain. */
export const DRAIN_MS_MAX = 9_000;
