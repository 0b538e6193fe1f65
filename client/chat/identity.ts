import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, randomBytes, toBase64Url } from "./bytes.ts";

/** What signs in somebody's name: an Ed25519 key (RFC 8032) that lives as long as the account. */
export class Identity {
  /** 32 bytes. */
  readonly publicKey: Bytes;
  readonly #seed: Bytes;

  private constructor(seed: Bytes) {
    this.#seed = seed;
    this.publicKey = ed25519.getPublicKey(seed);
  }

  static create(): Identity {
    return new Identity(randomBytes(32));
  }

  /** @param seed 32 bytes, the private key as RFC 8032 has it */
  static fromSeed(seed: Bytes): Identity {
    return new Identity(seed.slice());
  }

  /** Base64url, as members and accounts carry it. */
  get publicText(): string {
    return toBase64Url(this.publicKey);
  }

  /** @returns 64 bytes */
  sign(message: Bytes): Bytes {
    return ed25519.sign(message, this.#seed);
  }

  /** The private key, for wrapping it under the root key and for nothing else. */
  exportSeed(): Bytes {
    return this.#seed.slice();
  }
}
