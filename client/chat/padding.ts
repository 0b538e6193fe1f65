import { type Bytes, sameBytes } from "./bytes.ts";
import { ChatRefusal } from "./refusals.ts";

/**
 * The lengths in bytes that plain texts are filled up to, so that a ciphertext tells little of how
 * much was said. The last one is the largest whose content, as text, fits in 8 KiB.
 */
export const PADDING_BUCKETS_BYTES = [256, 512, 1_024, 2_048, 4_096, 6_080] as const;

/** Fills up with zeros. @throws ChatRefusal CONTENT_TOO_LARGE above the last bucket */
export function pad(plain: Bytes): Bytes {
  const padded = new Uint8Array(bucketOf(plain.length));
  padded.set(plain);
  return padded;
}

/**
 * Takes the filling away.
 *
 * @param length of the plain text, which the plain text says itself
 * @throws ChatRefusal CONTENT_MALFORMED unless it is filled exactly as `pad` does
 */
export function unpad(padded: Bytes, length: number): Bytes {
  if (length > padded.length || bucketOf(length) !== padded.length) {
    throw new ChatRefusal("CONTENT_MALFORMED");
  }
  const plain = padded.slice(0, length);
  if (!sameBytes(pad(plain), padded)) throw new ChatRefusal("CONTENT_MALFORMED");
  return plain;
}

function bucketOf(length: number): number {
  const bucket = PADDING_BUCKETS_BYTES.find((bytes) => bytes >= length);
  if (bucket === undefined) throw new ChatRefusal("CONTENT_TOO_LARGE");
  return bucket;
}
