import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import type { Random } from "../../core/random.ts";
import type { Vault } from "../../core/vault.ts";

/**
 * Encryption at rest with AES-256-GCM (NIST SP 800-38D).
 *
 * A ciphertext is text of three parts, `v1.<key id>.<sealed>`, where `sealed` is base64url without
 * padding of a nonce of 12 bytes, the encrypted UTF-8 text, and a tag of 16 bytes. Associated data
 * is `v1.<key id>.<place>`.
 *
 * Nonces are random, so one key may seal 2^32 texts (SP 800-38D §8.3); rotate it long before.
 */

export interface VaultKey {
  /** One to 32 letters, digits, `-` and `_`. It stands in every ciphertext and names no secret. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface VaultOptions {
  /** The first seals, all open: to rotate, put another one in front and keep the old. */
  readonly keys: readonly VaultKey[];
  readonly random: Random;
}

const VERSION = "v1";
const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[\w-]{1,32}$/;
const CIPHERTEXT = /^v1\.([\w-]{1,32})\.([\w-]+)$/;

/** @throws Error when a key's id or length is wrong, an id occurs twice, or there is no key. */
export function createVault({ keys, random }: VaultOptions): Vault {
  const ring = createRing(keys);
  const sealing = keys[0];
  if (sealing === undefined) throw new Error("a vault needs at least one key");

  return {
    beginning: `${VERSION}.${sealing.id}.`,
    seal(plaintext, place) {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keyOf(ring, sealing.id), nonce, {
        authTagLength: TAG_BYTES,
      });
      cipher.setAAD(associatedData(sealing.id, place));
      const encrypted = [cipher.update(plaintext, "utf8"), cipher.final()];
      const sealed = Buffer.concat([nonce, ...encrypted, cipher.getAuthTag()]);
      return `${VERSION}.${sealing.id}.${sealed.toString("base64url")}`;
    },

    open(ciphertext, place) {
      const [, keyId = "", encoded = ""] = CIPHERTEXT.exec(ciphertext) ?? [];
      const sealed = Buffer.from(encoded, "base64url");
      const tagStart = sealed.length - TAG_BYTES;
      // Decoding forgives trailing bits, so only the one spelling that `seal` makes is accepted.
      if (tagStart < NONCE_BYTES || sealed.toString("base64url") !== encoded) {
        throw new Error("this is not a ciphertext of the vault");
      }
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, keyOf(ring, keyId), nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(associatedData(keyId, place));
      decipher.setAuthTag(sealed.subarray(tagStart));
      const opened = decipher.update(sealed.subarray(NONCE_BYTES, tagStart));
      try {
        return Buffer.concat([opened, decipher.final()]).toString("utf8");
      } catch {
        throw new Error(`a ciphertext was altered, or moved to ${place} from elsewhere`);
      }
    },
  };
}

function createRing(keys: readonly VaultKey[]): ReadonlyMap<string, KeyObject> {
  const ring = new Map<string, KeyObject>();
  for (const { id, key } of keys) {
    if (!KEY_ID.test(id)) throw new Error(`"${id}" cannot be the id of a vault key`);
    if (key.length !== KEY_BYTES) {
      throw new Error(`vault key ${id} has ${key.length} bytes instead of ${KEY_BYTES}`);
    }
    if (ring.has(id)) throw new Error(`there are two vault keys with the id ${id}`);
    ring.set(id, createSecretKey(key));
  }
  return ring;
}

function keyOf(ring: ReadonlyMap<string, KeyObject>, id: string): KeyObject {
  const key = ring.get(id);
  if (key === undefined) throw new Error(`the vault has no key with the id "${id}"`);
  return key;
}

function associatedData(keyId: string, place: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${place}`, "utf8");
}
