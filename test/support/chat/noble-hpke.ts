import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * HPKE (RFC 9180) base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, on
 * @noble alone and written after the RFC: what the client's own is held against.
 */

const KEM_SUITE = concatBytes(utf8ToBytes("KEM"), Uint8Array.of(0x00, 0x20));
const SUITE = concatBytes(utf8ToBytes("HPKE"), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x01));
const EMPTY = new Uint8Array();

function i2osp2(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}

/** §4: LabeledExtract and LabeledExpand. */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) {
  const labeled = concatBytes(utf8ToBytes("HPKE-v1"), suite, utf8ToBytes(label), ikm);
  return extract(sha256, labeled, salt);
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
) {
  const head = [i2osp2(length), utf8ToBytes("HPKE-v1"), suite, utf8ToBytes(label)];
  return expand(sha256, prk, concatBytes(...head, info), length);
}

/** §7.1.3: DeriveKeyPair of X25519. */
export function deriveKeyPair(ikm: Uint8Array) {
  const prk = labeledExtract(KEM_SUITE, EMPTY, "dkp_prk", ikm);
  const privateKey = labeledExpand(KEM_SUITE, prk, "sk", EMPTY, 32);
  return { privateKey, publicKey: x25519.getPublicKey(privateKey) };
}

/** §4.1: what Encap and Decap agree on. */
export function sharedSecret(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  enc: Uint8Array,
  recipient: Uint8Array,
) {
  const prk = labeledExtract(
    KEM_SUITE,
    EMPTY,
    "eae_prk",
    x25519.getSharedSecret(privateKey, publicKey),
  );
  return labeledExpand(KEM_SUITE, prk, "shared_secret", concatBytes(enc, recipient), 32);
}

/** §5.1: KeySchedule of the base mode. */
export function keySchedule(secret: Uint8Array, info: Uint8Array) {
  const pskIdHash = labeledExtract(SUITE, EMPTY, "psk_id_hash", EMPTY);
  const infoHash = labeledExtract(SUITE, EMPTY, "info_hash", info);
  const context = concatBytes(Uint8Array.of(0), pskIdHash, infoHash);
  const prk = labeledExtract(SUITE, secret, "secret", EMPTY);
  return {
    key: labeledExpand(SUITE, prk, "key", context, 16),
    baseNonce: labeledExpand(SUITE, prk, "base_nonce", context, 12),
    exporterSecret: labeledExpand(SUITE, prk, "exp", context, 32),
  };
}

/** §5.2: the nonce of the message with this number. */
export function nonceOf(baseNonce: Uint8Array, sequence: number): Uint8Array {
  const nonce = Uint8Array.from(baseNonce);
  nonce[11] = nonce[11]! ^ sequence;
  return nonce;
}

/** §6.1: SealBase of one message. `ephemeral` is the private key; vectors fix it. */
export function nobleSeal(
  recipient: Uint8Array,
  info: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
  ephemeral: Uint8Array = x25519.utils.randomSecretKey(),
) {
  const enc = x25519.getPublicKey(ephemeral);
  const { key, baseNonce } = keySchedule(sharedSecret(ephemeral, recipient, enc, recipient), info);
  return { enc, ciphertext: gcm(key, baseNonce, aad).encrypt(plain) };
}

/** §6.1: OpenBase of one message. Throws when anything is another. */
export function nobleOpen(
  privateKey: Uint8Array,
  info: Uint8Array,
  sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
  aad: Uint8Array,
) {
  const recipient = x25519.getPublicKey(privateKey);
  const secret = sharedSecret(privateKey, sealed.enc, sealed.enc, recipient);
  const { key, baseNonce } = keySchedule(secret, info);
  return gcm(key, baseNonce, aad).decrypt(sealed.ciphertext);
}
