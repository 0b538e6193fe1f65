import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { x25519 } from "@noble/curves/ed25519.js";
import { type Bytes, randomBytes } from "./bytes.ts";
import type { WebKey } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";

/** RFC 9180 base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

/** Bytes of an encapsulated key. */
export const ENC_BYTES = 32;
/** Bytes that sealing adds to the plain text. */
export const TAG_BYTES = 16;

/** A private X25519 key with its public one. */
export interface KeyPair {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** A pair that WebCrypto has taken in, once for all that is opened with it. */
export interface OpeningKey {
  readonly publicKey: WebKey;
  readonly privateKey: WebKey;
}

/** What was sealed to a public key. */
export interface SealedBytes {
  readonly enc: Bytes;
  readonly ciphertext: Bytes;
}

export function newKeyPair(): KeyPair {
  return keyPairOf(randomBytes(32));
}

export function keyPairOf(privateKey: Bytes): KeyPair {
  return { privateKey, publicKey: x25519.getPublicKey(privateKey) };
}

/** @throws ChatRefusal KEY_INVALID */
export async function importPublicKey(publicKey: Bytes): Promise<WebKey> {
  try {
    return await suite.kem.deserializePublicKey(publicKey);
  } catch {
    throw new ChatRefusal("KEY_INVALID");
  }
}

/** @throws ChatRefusal KEY_INVALID */
export async function importKeyPair({ publicKey, privateKey }: KeyPair): Promise<OpeningKey> {
  try {
    return {
      publicKey: await suite.kem.deserializePublicKey(publicKey),
      privateKey: await suite.kem.deserializePrivateKey(privateKey),
    };
  } catch {
    throw new ChatRefusal("KEY_INVALID");
  }
}

/** @throws ChatRefusal KEY_INVALID for a public key that agrees on nothing, such as zero */
export async function hpkeSeal(
  recipientPublicKey: WebKey,
  info: Bytes,
  plain: Bytes,
  aad: Bytes,
): Promise<SealedBytes> {
  try {
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain, aad);
    return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
  } catch {
    throw new ChatRefusal("KEY_INVALID");
  }
}

/** @throws ChatRefusal CANNOT_OPEN when the key, `info`, `aad` or a bit is another */
export async function hpkeOpen(
  recipientKey: OpeningKey,
  info: Bytes,
  sealed: SealedBytes,
  aad: Bytes,
): Promise<Bytes> {
  try {
    const plain = await suite.open({ recipientKey, enc: sealed.enc, info }, sealed.ciphertext, aad);
    return new Uint8Array(plain);
  } catch {
    throw new ChatRefusal("CANNOT_OPEN");
  }
}
