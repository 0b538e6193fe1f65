/** The bounds of the HTTP server, each with its unit. */

/** Headers of a request have to be complete within this time. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** A whole request, body included, has to be complete within this time. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** A connection on which nothing moves is closed; longer than the longest call. */
export const CONNECTION_TIMEOUT_MS = 40_000;
/** How long a connection waits for its next request; longer than proxies do, so that they close. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** How often overdue connections are looked for. */
export const TIMEOUT_CHECK_INTERVAL_MS = 2_000;
export const HEADER_BYTES_MAX = 16 * 1024;
export const HEADERS_MAX = 100;
export const CONNECTIONS_MAX = 20_000;
/** Of one network, sockets included: nobody alone takes all there are. */
export const CONNECTIONS_PER_NETWORK_MAX = 5_000;
/** A refused body's rest is read and dropped up to here, so that the client reads the answer. */
export const DROPPED_BYTES_MAX = 32 * 1024 * 1024;
/** Refusing takes at most this share of the time since it was last done. */
export const REFUSING_SHARE_MAX = 0.08;
/** But so long in any case: a few answers, many times a second while there is little else to do. */
export const REFUSING_SLICE_MS = 0.25;
/** One parameter of a path. */
export const PATH_PARAMETER_CHARS_MAX = 256;
export const USER_AGENT_CHARS_MAX = 256;
export const COOKIE_CHARS_MAX = 4_096;
/** Still accepting while draining, so that balancers notice and open connections end politely. */
export const DRAIN_NOTICE_MS = 1_000;
/** The same, while clients still connect. */
export const DRAIN_NOTICE_MS_MAX = 4_000;
/** Not accepting any more, but still waiting for requests on connections that are there. */
export const DRAIN_LINGER_MS = 300;
/** Everything is closed by then. */
export const DRAIN_MS_MAX = 10_000;
/** How often connections that became idle are closed while draining. */
export const DRAIN_CHECK_INTERVAL_MS = 50;
/** A part that does not tell its readiness within this time counts as not ready. */
export const READINESS_TIMEOUT_MS = 2_000;
