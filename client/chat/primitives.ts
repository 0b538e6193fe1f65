import { ed25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, randomBytes } from "./bytes.ts";
import { ChatRefusal, type RefusalCode } from "./refusals.ts";

type Subtle = typeof crypto.subtle;
/** A key that WebCrypto has taken in. */
export type WebKey = Awaited<ReturnType<Subtle["importKey"]>>;

/** WebCrypto, which browsers have on pages that came over https. @throws CRYPTO_UNAVAILABLE */
export function subtle(): Subtle {
  const found: Subtle | undefined = globalThis.crypto?.subtle;
  if (found === undefined) throw new ChatRefusal("CRYPTO_UNAVAILABLE");
  return found;
}

/** Short inputs, where a call into WebCrypto takes longer than the hash. */
export function hashSha256(bytes: Uint8Array): Bytes {
  return sha256(bytes);
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Bytes {
  return hmac(sha256, key, bytes);
}

const NONCE_BYTES = 12;

/**
 * AES-256-GCM (NIST SP 800-38D) under a fresh random nonce: nonce (12) | ciphertext | tag (16).
 *
 * A key seals a few thousand things in its life, far from where random nonces meet.
 */
export async function sealAes(key: Bytes, plain: Bytes, aad: Bytes): Promise<Bytes> {
  const iv = randomBytes(NONCE_BYTES);
  const aesKey = await subtle().importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await subtle().encrypt(
    { name: "AES-GCM", iv, additionalData: aad },
    aesKey,
    plain,
  );
  return concatBytes(iv, new Uint8Array(sealed));
}

/** @throws ChatRefusal `refusal` when the key, the associated data or a bit is another */
export async function openAes(
  key: Bytes,
  sealed: Bytes,
  aad: Bytes,
  refusal: RefusalCode,
): Promise<Bytes> {
  const aesKey = await subtle().importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const iv = sealed.slice(0, NONCE_BYTES);
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData: aad };
    return new Uint8Array(await subtle().decrypt(algorithm, aesKey, sealed.slice(NONCE_BYTES)));
  } catch {
    throw new ChatRefusal(refusal);
  }
}

/** Holds signatures of one identity against what they sign (Ed25519, RFC 8032). */
export type Verifier = (signature: Bytes, message: Bytes) => Promise<boolean>;

/**
 * Takes a public identity key for many checks: with WebCrypto, or in JavaScript where a browser's
 * WebCrypto has no Ed25519.
 *
 * @throws ChatRefusal KEY_INVALID for what is no point, or one that anybody can sign for
 */
export async function verifierOf(publicKey: Bytes): Promise<Verifier> {
  if (!isSoundIdentity(publicKey)) throw new ChatRefusal("KEY_INVALID");
  try {
    const key = await subtle().importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return (signature, message) => subtle().verify("Ed25519", key, signature, message);
  } catch (error) {
    if (error instanceof ChatRefusal) throw error;
    return async (signature, message) =>
      ed25519.verify(signature, message, publicKey, { zip215: false });
  }
}

function isSoundIdentity(publicKey: Bytes): boolean {
  try {
    return publicKey.length === 32 && !ed25519.Point.fromBytes(publicKey).isSmallOrder();
  } catch {
    return false;
  }
}
