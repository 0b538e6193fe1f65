/** The bounds of Phoenix Channels, with their units; those of every socket are in websocket/. */

/** The largest frame a client may send, which a large group's ciphertexts fit in; else 1009. */
export const FRAME_BYTES_MAX = 1024 * 1024;
/** Channels joined at once on a socket. */
export const CHANNELS_MAX = 100;
/** The longest topic, event or reference, in bytes of UTF-8: its length is one byte. */
export const NAME_BYTES_MAX = 255;
