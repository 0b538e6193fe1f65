import { createHash } from "node:crypto";

/** The version of ciphertexts that the service takes. */
const CONTENT_VERSION = 1;
const LABEL = "stoa-key-id/1";
const KEY_ID_BYTES = 8;

/**
 * What every ciphertext for a public key begins with: the version and the key's id, nine bytes and
 * so twelve whole characters of base64url. The id is the first eight bytes of the SHA-256 of label
 * and key, each behind its length in four bytes.
 *
 * @param publicKey 32 bytes in base64url
 */
export function keyPrefixOf(publicKey: string): string {
  const hash = createHash("sha256");
  for (const part of [Buffer.from(LABEL), Buffer.from(publicKey, "base64url")]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  }
  const id = hash.digest().subarray(0, KEY_ID_BYTES);
  return Buffer.concat([Uint8Array.of(CONTENT_VERSION), id]).toString("base64url");
}
