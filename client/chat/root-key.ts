import {
  type Bytes,
  concatBytes,
  fromBase64Url,
  randomBytes,
  sameBytes,
  toBase64Url,
} from "./bytes.ts";
import { type KeyPair, keyPairOf } from "./hpke.ts";
import { Identity } from "./identity.ts";
import { openAes, sealAes } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { conversationKeyAad, identityAad } from "./transcripts.ts";

/** Wrapped keys: version (1) | kind (1) | what the kind says. */
const VERSION = 1;
/** The second byte of a wrapped key, which nothing else of the account has. */
export const WRAP_KINDS = {
  passphrase: 1,
  recovery: 2,
  device: 3,
  identity: 4,
  conversation: 5,
} as const;
export type WrapKind = keyof typeof WRAP_KINDS;

const ROOT_KEY_BYTES = 32;

/**
 * The key of an account that the service never sees: 32 random bytes, made by the first client.
 * It wraps the identity key and every conversation key, so whoever has it reads the history.
 */
export class RootKey {
  readonly #bytes: Bytes;

  private constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  static create(): RootKey {
    return new RootKey(randomBytes(ROOT_KEY_BYTES));
  }

  /** @throws ChatRefusal KEY_INVALID */
  static fromBytes(bytes: Bytes): RootKey {
    if (bytes.length !== ROOT_KEY_BYTES) throw new ChatRefusal("KEY_INVALID");
    return new RootKey(bytes.slice());
  }

  /** The key itself, for wrapping it and for the device's own storage. */
  exportBytes(): Bytes {
    return this.#bytes.slice();
  }

  /** @returns base64url, for the account's wraps, kind `identity` */
  async wrapIdentity(user: string, identity: Identity): Promise<string> {
    const aad = identityAad(user, identity.publicKey);
    return writeWrap("identity", await sealAes(this.#bytes, identity.exportSeed(), aad));
  }

  /**
   * @param publicKey the identity that the account names, 32 bytes
   * @throws ChatRefusal WRAP_BROKEN for another account, identity or root key
   */
  async unwrapIdentity(user: string, publicKey: Bytes, wrap: string): Promise<Identity> {
    const aad = identityAad(user, publicKey);
    const seed = await openAes(this.#bytes, readWrap("identity", wrap), aad, "WRAP_BROKEN");
    const identity = Identity.fromSeed(seed);
    if (!sameBytes(identity.publicKey, publicKey)) throw new ChatRefusal("WRAP_BROKEN");
    return identity;
  }

  /** @returns base64url, the `private_key` of `set_keys` */
  async wrapConversationKey(
    user: string,
    conversation: string,
    version: number,
    pair: KeyPair,
  ): Promise<string> {
    const aad = conversationKeyAad(user, conversation, version, pair.publicKey);
    return writeWrap("conversation", await sealAes(this.#bytes, pair.privateKey, aad));
  }

  /** @throws ChatRefusal WRAP_BROKEN for another account, conversation, version or key */
  async unwrapConversationKey(
    user: string,
    conversation: string,
    version: number,
    publicKey: Bytes,
    wrap: string,
  ): Promise<KeyPair> {
    const aad = conversationKeyAad(user, conversation, version, publicKey);
    const sealed = readWrap("conversation", wrap);
    const privateKey = await openAes(this.#bytes, sealed, aad, "WRAP_BROKEN");
    const pair = keyPairOf(privateKey);
    if (!sameBytes(pair.publicKey, publicKey)) throw new ChatRefusal("WRAP_BROKEN");
    return pair;
  }
}

export function writeWrap(kind: WrapKind, rest: Bytes): string {
  return toBase64Url(concatBytes(Uint8Array.of(VERSION, WRAP_KINDS[kind]), rest));
}

/** @throws ChatRefusal BASE64_INVALID, VERSION_UNKNOWN, or WRAP_BROKEN for another kind */
export function readWrap(kind: WrapKind, wrap: string): Bytes {
  const bytes = fromBase64Url(wrap);
  if (bytes[0] !== VERSION) throw new ChatRefusal("VERSION_UNKNOWN");
  if (bytes[1] !== WRAP_KINDS[kind]) throw new ChatRefusal("WRAP_BROKEN");
  return bytes.slice(2);
}
