/** The bounds of the native protocol, with their units; those of every socket are in websocket/. */

/** The largest frame a client may send; a larger one closes the socket with 1009. */
export const FRAME_BYTES_MAX = 64 * 1024;
/** Subscriptions open at once on a socket. */
export const SUBSCRIPTIONS_MAX = 100;
/** The longest name of an operation. */
export const TYPE_CHARS_MAX = 128;
/** The longest eid of a method call. */
export const EID_CHARS_MAX = 128;
/** The longest eid of a subscription, in bytes of JSON between the quotes. */
export const SUBSCRIPTION_EID_BYTES_MAX = 36;
