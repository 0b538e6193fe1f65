import { ChatRefusal } from "./refusals.ts";

/** Bytes over memory of their own, which is what WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NO_DIGIT = 255;
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (const [digit, char] of [...ALPHABET].entries()) DIGITS[char.charCodeAt(0)] = digit;

const CHARS = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const ASCII = new TextDecoder("ascii");

/** Base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text[length++] = CHARS[(group >> shift) & 63] ?? 0;
  }
  return ASCII.decode(text.subarray(0, Math.ceil((bytes.length * 4) / 3)));
}

/**
 * Reads base64url without padding, strictly: one text for each sequence of bytes.
 *
 * @throws ChatRefusal BASE64_INVALID for other characters, padding, or bits that stand for nothing
 */
export function fromBase64Url(text: string): Bytes {
  const tail = text.length % 4;
  if (tail === 1) throw new ChatRefusal("BASE64_INVALID");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let group = 0;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = DIGITS[text.charCodeAt(at)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) throw new ChatRefusal("BASE64_INVALID");
    group = ((group << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = group >> bits;
  }
  if ((group & ((1 << bits) - 1)) !== 0) throw new ChatRefusal("BASE64_INVALID");
  return bytes;
}

/** @throws ChatRefusal BASE64_INVALID, or KEY_INVALID for another length */
export function keyFromBase64Url(text: string, length: number): Bytes {
  const bytes = fromBase64Url(text);
  if (bytes.length !== length) throw new ChatRefusal("KEY_INVALID");
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Compares in a time that depends on the lengths alone. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** @throws ChatRefusal BODY_INVALID for text with half a surrogate pair, which UTF-8 cannot say */
export function toUtf8(text: string): Bytes {
  const bytes = new TextEncoder().encode(text);
  if (UTF8.decode(bytes) !== text) throw new ChatRefusal("BODY_INVALID");
  return bytes;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws ChatRefusal BODY_INVALID for bytes that are no UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ChatRefusal("BODY_INVALID");
  }
}

const DASH = 0x2d;
const DIGIT_ZERO = 0x30;
const LETTER_A = 0x61;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The 16 bytes of a UUID in small letters (RFC 9562).
 *
 * @throws ChatRefusal ID_INVALID
 */
export function uuidBytes(id: string): Bytes {
  if (!UUID.test(id)) throw new ChatRefusal("ID_INVALID");
  const bytes = new Uint8Array(16);
  let digits = 0;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code === DASH) continue;
    const digit = code < LETTER_A ? code - DIGIT_ZERO : code - LETTER_A + 10;
    bytes[digits >> 1] = ((bytes[digits >> 1] ?? 0) << 4) | digit;
    digits++;
  }
  return bytes;
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @throws ChatRefusal NUMBER_INVALID unless it is a whole number from 0 to 2^32 - 1 */
export function u32(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new ChatRefusal("NUMBER_INVALID");
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** @throws ChatRefusal NUMBER_INVALID unless it is a whole number from 0 to 2^53 - 1 */
export function u64(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new ChatRefusal("NUMBER_INVALID");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Reads fixed and measured parts of bytes, one after the other. */
export class Reader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** @throws ChatRefusal BODY_INVALID when there is not so much left */
  take(length: number): Bytes {
    if (length > this.#bytes.length - this.#at) throw new ChatRefusal("BODY_INVALID");
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  takeByte(): number {
    return this.take(1)[0] ?? 0;
  }

  takeU32(): number {
    return new DataView(this.take(4).buffer).getUint32(0);
  }

  /** @throws ChatRefusal NUMBER_INVALID above 2^53 - 1 */
  takeU64(): number {
    const value = Number(new DataView(this.take(8).buffer).getBigUint64(0));
    if (!Number.isSafeInteger(value)) throw new ChatRefusal("NUMBER_INVALID");
    return value;
  }

  rest(): Bytes {
    return this.take(this.#bytes.length - this.#at);
  }
}
