import { argon2idAsync } from "@noble/hashes/argon2.js";
import { type Bytes, concatBytes, randomBytes } from "./bytes.ts";
import { openAes, sealAes } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { RootKey, readWrap, writeWrap } from "./root-key.ts";
import { passphraseWrapAad } from "./transcripts.ts";

/** Characters of a passphrase. */
export const PASSPHRASE_CHARS_MIN = 12;
/** Argon2id (RFC 9106) with 64 MiB, the second recommended option with one lane. */
const MEMORY_KIB = 64 * 1_024;
const PASSES = 3;
const LANES = 1;
const SALT_BYTES = 16;
/** The derivation gives the page its turn after so many milliseconds. */
const TURN_MS = 10;

/** Told how much is done, from 0 to 1. */
export type OnProgress = (fraction: number) => void;

/**
 * Wraps the root key by a passphrase: salt (16) | AES-256-GCM under argon2id of the passphrase,
 * NFKC, as UTF-8. Takes about a second, in turns with the page.
 *
 * @returns base64url, for the account's wraps, kind `passphrase`
 * @throws ChatRefusal PASSPHRASE_TOO_SHORT, ID_INVALID
 */
export async function wrapByPassphrase(
  user: string,
  root: RootKey,
  passphrase: string,
  onProgress?: OnProgress,
): Promise<string> {
  if ([...passphrase].length < PASSPHRASE_CHARS_MIN) throw new ChatRefusal("PASSPHRASE_TOO_SHORT");
  const salt = randomBytes(SALT_BYTES);
  const key = await keyOf(passphrase, salt, onProgress);
  const sealed = await sealAes(key, root.exportBytes(), passphraseWrapAad(user, salt));
  return writeWrap("passphrase", concatBytes(salt, sealed));
}

/** @throws ChatRefusal PASSPHRASE_WRONG, or when the wrap was changed; WRAP_BROKEN */
export async function unwrapByPassphrase(
  user: string,
  wrap: string,
  passphrase: string,
  onProgress?: OnProgress,
): Promise<RootKey> {
  const bytes = readWrap("passphrase", wrap);
  const salt = bytes.slice(0, SALT_BYTES);
  if (salt.length < SALT_BYTES) throw new ChatRefusal("WRAP_BROKEN");
  const key = await keyOf(passphrase, salt, onProgress);
  const aad = passphraseWrapAad(user, salt);
  return RootKey.fromBytes(await openAes(key, bytes.slice(SALT_BYTES), aad, "PASSPHRASE_WRONG"));
}

/**
 * The wrap to store in the place of `wrap`. The root key stays what it is, so the history, other
 * devices and the recovery key do too.
 *
 * @throws ChatRefusal PASSPHRASE_WRONG, PASSPHRASE_TOO_SHORT, WRAP_BROKEN
 */
export async function changePassphrase(
  user: string,
  wrap: string,
  passphrase: string,
  newPassphrase: string,
  onProgress: OnProgress = () => {},
): Promise<string> {
  const root = await unwrapByPassphrase(user, wrap, passphrase, (part) => onProgress(part / 2));
  return wrapByPassphrase(user, root, newPassphrase, (part) => onProgress((1 + part) / 2));
}

async function keyOf(passphrase: string, salt: Bytes, onProgress?: OnProgress): Promise<Bytes> {
  return argon2idAsync(new TextEncoder().encode(passphrase.normalize("NFKC")), salt, {
    m: MEMORY_KIB,
    t: PASSES,
    p: LANES,
    dkLen: 32,
    asyncTick: TURN_MS,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
