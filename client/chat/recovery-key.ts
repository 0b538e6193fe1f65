import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, randomBytes } from "./bytes.ts";
import { hashSha256, openAes, sealAes } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { RootKey, readWrap, writeWrap } from "./root-key.ts";
import { recoveryWrapAad } from "./transcripts.ts";

/** Crockford's base32: no I, L, O or U, which are read as 1, 1, 0 and not at all. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_BYTES = 20;
const SECRET_CHARS = 32;
const CHECK_CHARS = 4;
const SALT_BYTES = 16;

/**
 * A new recovery key to print: 160 random bits and a checksum of 20, in nine groups of four,
 * such as `4M7T-…`. It is shown once and kept nowhere.
 */
export function newRecoveryKey(): string {
  const secret = randomBytes(SECRET_BYTES);
  return (toBase32(secret) + checkOf(secret)).replace(/(.{4})(?=.)/g, "$1-");
}

/**
 * Wraps the root key: salt (16) | AES-256-GCM under HKDF-SHA256 (RFC 5869) of the key's 160 bits.
 *
 * @returns base64url, for the account's wraps, kind `recovery`
 * @throws ChatRefusal RECOVERY_KEY_MISTYPED, ID_INVALID
 */
export async function wrapByRecoveryKey(
  user: string,
  root: RootKey,
  recoveryKey: string,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = keyOf(user, recoveryKey, salt);
  const sealed = await sealAes(key, root.exportBytes(), recoveryWrapAad(user));
  return writeWrap("recovery", concatBytes(salt, sealed));
}

/**
 * @param typed capitals or small letters, with any spaces and dashes
 * @throws ChatRefusal RECOVERY_KEY_MISTYPED, RECOVERY_KEY_WRONG, WRAP_BROKEN
 */
export async function unwrapByRecoveryKey(
  user: string,
  wrap: string,
  typed: string,
): Promise<RootKey> {
  const bytes = readWrap("recovery", wrap);
  const key = keyOf(user, typed, bytes.slice(0, SALT_BYTES));
  const sealed = bytes.slice(SALT_BYTES);
  return RootKey.fromBytes(await openAes(key, sealed, recoveryWrapAad(user), "RECOVERY_KEY_WRONG"));
}

function keyOf(user: string, typed: string, salt: Bytes): Bytes {
  return hkdf(sha256, readRecoveryKey(typed), salt, recoveryWrapAad(user), 32);
}

function readRecoveryKey(typed: string): Bytes {
  const text = typed.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  const secret = fromBase32(text.slice(0, SECRET_CHARS));
  if (text.length !== SECRET_CHARS + CHECK_CHARS || text.slice(SECRET_CHARS) !== checkOf(secret)) {
    throw new ChatRefusal("RECOVERY_KEY_MISTYPED");
  }
  return secret;
}

/** The first 20 bits of the secret's SHA-256: of a million mistakes one goes unnoticed here. */
function checkOf(secret: Bytes): string {
  return toBase32(hashSha256(secret).slice(0, 5)).slice(0, CHECK_CHARS);
}

/** @param bytes a multiple of five */
function toBase32(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 5) {
    let group = bytes.slice(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    let chars = "";
    for (let char = 0; char < 8; char++) {
      chars = ALPHABET.charAt(group % 32) + chars;
      group = Math.floor(group / 32);
    }
    text += chars;
  }
  return text;
}

function fromBase32(text: string): Bytes {
  const bytes = new Uint8Array((SECRET_CHARS * 5) / 8);
  let bits = 0;
  let group = 0;
  let length = 0;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) throw new ChatRefusal("RECOVERY_KEY_MISTYPED");
    group = ((group << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = group >> bits;
  }
  return bytes;
}
