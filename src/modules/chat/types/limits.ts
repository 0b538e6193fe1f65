/** Every bound of the module, with its unit. */

/** People in a conversation. */
export const MEMBERS_MAX = 100;
/** Conversations of one person. */
export const CONVERSATIONS_MAX = 500;
/** People in one person's conversations that a sign-in names; the others are in the pages. */
export const USERS_LISTED_MAX = 2_000;
/** A ciphertext, in base64url without padding: 8 KiB of text. */
export const CONTENT_CHARS_MAX = 8 * 1024;
/** A message to everybody in the largest conversation, as JSON. */
export const SEND_BYTES_MAX = MEMBERS_MAX * (CONTENT_CHARS_MAX + 128) + 1_024;
/** Messages and people of a page, where the request does not say. */
export const MESSAGES_PER_PAGE = 50;
export const USERS_PER_PAGE = 50;
export const PAGE_MAX = 100;
/** Messages that one who comes back is handed; more of them are in the pages. */
export const MISSED_MAX = 200;
export const TOKEN_CHARS_MAX = 256;
export const ALIAS_CHARS_MAX = 80;
export const EDITS_MAX = 1_000;
/** Key pairs that one person may set in a conversation, one after the other. */
export const KEY_VERSION_MAX = 1_000;
/** A wrapped key, in base64url. */
export const WRAP_CHARS_MAX = 2_048;
/** Ways in which an account's root key is wrapped: passphrase, recovery key, devices. */
export const ACCOUNT_WRAPS_MAX = 20;
/** How long messages of a conversation may last. */
export const DISAPPEARING_SECONDS_MIN = 5;
export const DISAPPEARING_SECONDS_MAX = 365 * 86_400;
/** Messages that one person may have reported. */
export const REPORTS_MAX = 1_000;
/** People whom one person may block. */
export const BLOCKS_MAX = 1_000;
/** Text size, relative to the normal one. */
export const MAGNIFICATION_MIN = 0.7;
export const MAGNIFICATION_MAX = 1.4;
export const RECENTS_MAX = 20;
export const RECENT_CHARS_MAX = 200;
/** One encrypted chunk of a file, decoded, and the same in base64url. */
const CHUNK_BYTES_MAX = 256 * 1024;
export const CHUNK_CHARS_MAX = Math.ceil((CHUNK_BYTES_MAX * 4) / 3);
/** Chunks of one file: 64 MiB. */
export const CHUNKS_MAX = 256;
/** All files that one person keeps. */
export const ATTACHMENTS_BYTES_MAX = 256 * 1024 * 1024;
/** Times that members of one conversation come or go. */
export const EPOCH_MAX = 2_000_000_000;
