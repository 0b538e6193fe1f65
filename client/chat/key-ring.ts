import { type Bytes, toBase64Url } from "./bytes.ts";
import { importKeyPair, type KeyPair, type OpeningKey } from "./hpke.ts";
import { hashSha256 } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { keyIdStatement } from "./transcripts.ts";

/** Bytes of a key's id, which tells a reader which of his keys a copy was made for. */
export const KEY_ID_BYTES = 8;
/** Keys of one person in one conversation; with a new one a month they last for decades. */
const KEY_VERSIONS_MAX = 1_000;

/** One of a person's own keys of a conversation. */
export interface OwnKey {
  /** Counted from 1. */
  readonly version: number;
  /** Base64url. */
  readonly publicText: string;
  readonly opening: OpeningKey;
}

/** The first eight bytes of the SHA-256 of the labelled public key. */
export function keyIdOf(publicKey: Bytes): Bytes {
  return hashSha256(keyIdStatement(publicKey)).slice(0, KEY_ID_BYTES);
}

/** A person's own keys of one conversation, every version, so that old messages stay readable. */
export class KeyRing {
  readonly #byId = new Map<string, OwnKey>();
  #newest: OwnKey | undefined;

  get newest(): OwnKey | undefined {
    return this.#newest;
  }

  /** @throws ChatRefusal KEY_INVALID, KEY_VERSION_REPEATED, TOO_MANY */
  async add(version: number, pair: KeyPair): Promise<void> {
    const id = toBase64Url(keyIdOf(pair.publicKey));
    const publicText = toBase64Url(pair.publicKey);
    const opening = await importKeyPair(pair);
    const same = [...this.#byId.values()].find((key) => key.version === version);
    if (same !== undefined && same.publicText !== publicText) {
      throw new ChatRefusal("KEY_VERSION_REPEATED", { version });
    }
    if (this.#byId.size >= KEY_VERSIONS_MAX) throw new ChatRefusal("TOO_MANY");
    const key = { version, publicText, opening };
    this.#byId.set(id, key);
    if (this.#newest === undefined || this.#newest.version < version) this.#newest = key;
  }

  find(keyId: Bytes): OwnKey | undefined {
    return this.#byId.get(toBase64Url(keyId));
  }

  has(publicText: string): boolean {
    return [...this.#byId.values()].some((key) => key.publicText === publicText);
  }
}
