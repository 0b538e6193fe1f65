/** The bounds of a shard's server, each with its unit. Its clients are few: the orchestrators. */

/** A whole request, headers and body, has to be complete within this time. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** How long a connection waits for its next request; longer than the other side keeps it. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;
export const TIMEOUT_CHECK_INTERVAL_MS = 1_000;
export const HEADER_BYTES_MAX = 8 * 1024;
export const CONNECTIONS_MAX = 256;
/** What is under way when it stops may take so long to be answered. */
export const DRAIN_MS_MAX = 8_000;
