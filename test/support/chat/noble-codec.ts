import { gcm } from "@noble/ciphers/aes.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { nobleOpen, nobleSeal } from "./noble-hpke.ts";

/**
 * The encryption of `docs/protocol/chat-encryption.md` once more, after that page and on @noble
 * alone. It shares no line with the client, so what both agree on is what the page says.
 */

const BUCKETS = [256, 512, 1024, 2048, 4096, 6080];

export function uuid(id: string): Uint8Array {
  return hexToBytes(id.replaceAll("-", ""));
}

export function number(bytes: number, value: number): Uint8Array {
  return hexToBytes(value.toString(16).padStart(2 * bytes, "0"));
}

/** Every field behind its length in four bytes. */
export function fields(...parts: ReadonlyArray<Uint8Array | string>): Uint8Array {
  const all = parts.map((part) => (typeof part === "string" ? utf8ToBytes(part) : part));
  return concatBytes(...all.flatMap((part) => [number(4, part.length), part]));
}

export interface NoblePlace {
  readonly conversation: string;
  readonly group: string;
  readonly sender: string;
  readonly epoch: number;
  readonly edit: number;
}

function nobleInfo(conversation: string, keyVersion: number): Uint8Array {
  return fields("stoa-chat/1", uuid(conversation), number(8, keyVersion));
}

function nobleAad(place: NoblePlace, recipient: string): Uint8Array {
  const kind = Uint8Array.of(place.edit === 0 ? 1 : 2);
  const ids = [uuid(place.group), uuid(place.sender), uuid(recipient)];
  return fields(...ids, kind, number(8, place.edit));
}

export function nobleStatement(place: NoblePlace, commitment: Uint8Array): Uint8Array {
  const ids = [uuid(place.conversation), uuid(place.group), uuid(place.sender)];
  const numbers = [number(8, place.epoch), number(8, place.edit)];
  return fields("stoa-msg/1", ...ids, ...numbers, commitment);
}

export function nobleLink(place: NoblePlace, commitment: Uint8Array): Uint8Array {
  const ids = [uuid(place.conversation), uuid(place.group), uuid(place.sender)];
  return sha256(fields("stoa-link/1", ...ids, number(8, place.edit), commitment));
}

export function nobleKeyId(publicKey: Uint8Array): Uint8Array {
  return sha256(fields("stoa-key-id/1", publicKey)).slice(0, 8);
}

export function nobleKeyStatement(
  conversation: string,
  user: string,
  version: number,
  publicKey: Uint8Array,
): Uint8Array {
  return fields("stoa-key/1", uuid(conversation), uuid(user), number(8, version), publicKey);
}

/** A body of text: kind 1, the link before it, fading, no relation, UTF-8. */
export function nobleTextBody(prevHash: Uint8Array, fadesAfterS: number, text: string) {
  return concatBytes(
    Uint8Array.of(1),
    prevHash,
    number(4, fadesAfterS),
    Uint8Array.of(0),
    utf8ToBytes(text),
  );
}

export interface NobleMessage {
  readonly place: NoblePlace;
  readonly recipient: string;
  readonly keyVersion: number;
  readonly body: Uint8Array;
  readonly frankingKey: Uint8Array;
}

/** Makes one copy, and all that it is made of. */
export function nobleSealCopy(
  { place, recipient, keyVersion, body, frankingKey }: NobleMessage,
  identitySeed: Uint8Array,
  recipientKey: Uint8Array,
  ephemeral?: Uint8Array,
) {
  const commitment = hmac(sha256, frankingKey, body);
  const signature = ed25519.sign(nobleStatement(place, commitment), identitySeed);
  const plain = concatBytes(frankingKey, signature, number(4, body.length), body);
  const padded = new Uint8Array(BUCKETS.find((bytes) => bytes >= plain.length)!);
  padded.set(plain);
  const info = nobleInfo(place.conversation, keyVersion);
  const aad = nobleAad(place, recipient);
  const { enc, ciphertext } = nobleSeal(recipientKey, info, padded, aad, ephemeral);
  const content = concatBytes(Uint8Array.of(1), nobleKeyId(recipientKey), enc, ciphertext);
  return { info, aad, commitment, signature, plain: padded, content };
}

/** Opens one copy, and checks its commitment and signature. */
export function nobleOpenCopy(
  content: Uint8Array,
  message: Omit<NobleMessage, "body" | "frankingKey">,
  recipientPrivateKey: Uint8Array,
  identity: Uint8Array,
  commitment: Uint8Array,
) {
  const keyId = nobleKeyId(x25519.getPublicKey(recipientPrivateKey));
  if (content[0] !== 1 || !equal(content.slice(1, 9), keyId)) throw new Error("not this key's");
  const padded = nobleOpen(
    recipientPrivateKey,
    nobleInfo(message.place.conversation, message.keyVersion),
    { enc: content.slice(9, 41), ciphertext: content.slice(41) },
    nobleAad(message.place, message.recipient),
  );
  const frankingKey = padded.slice(0, 32);
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(96);
  const body = padded.slice(100, 100 + length);
  if (!equal(hmac(sha256, frankingKey, body), commitment)) throw new Error("another commitment");
  const signed = nobleStatement(message.place, commitment);
  if (!ed25519.verify(padded.slice(32, 96), signed, identity)) throw new Error("another sender");
  return { body, frankingKey };
}

export function nobleSafetyNumber(parties: ReadonlyArray<readonly [string, Uint8Array]>): string {
  const halves = parties.map(([user, identity]) => {
    let hash = sha512(fields("stoa-safety/1", uuid(user), identity));
    for (let round = 0; round < 5199; round++) hash = sha512(concatBytes(hash, identity));
    const groups = [0, 5, 10, 15, 20, 25].map((at) => {
      const value = hash.slice(at, at + 5).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      return (value % 100_000n).toString().padStart(5, "0");
    });
    return groups.join(" ");
  });
  return halves.sort().join(" ");
}

/** A wrap by AES-256-GCM: version | kind | what stands before | nonce | ciphertext. */
export function nobleWrap(
  kind: number,
  head: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  secret: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  return concatBytes(Uint8Array.of(1, kind), head, nonce, gcm(key, nonce, aad).encrypt(secret));
}

export function nobleRecoveryKey(user: string, secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdf(sha256, secret, salt, fields("stoa-root-recovery/1", uuid(user)), 32);
}

export function nobleFile(key: Uint8Array, file: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  const count = Math.max(1, Math.ceil(file.length / 65_536));
  for (let index = 0; index < count; index++) {
    const last = index === count - 1 ? 1 : 0;
    const nonce = concatBytes(new Uint8Array(7), number(4, index), Uint8Array.of(last));
    const chunk = file.slice(index * 65_536, (index + 1) * 65_536);
    chunks.push(gcm(key, nonce, fields("stoa-file/1")).encrypt(chunk));
  }
  return concatBytes(Uint8Array.of(1), ...chunks);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
