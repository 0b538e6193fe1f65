import type { Cancellation } from "../../../core/clock.ts";
import type { Random } from "../../../core/random.ts";
import { argon2Hasher, type Hasher, SALT_BYTES } from "./hasher.ts";
import { WorkQueue } from "./work-queue.ts";

/** Leaves threads of libuv's pool of four to the rest of the program. */
const WORKERS_MAX = 2;
/** At about 30 ms each and two at once, the last of them waits a second. */
const WAITING_MAX = 64;

export interface PasswordsParts {
  readonly random: Random;
  readonly hasher?: Hasher | undefined;
  readonly workersMax?: number | undefined;
}

/** Secrets hashed together, with the salt they share. */
export interface HashedSecrets {
  readonly salt: Uint8Array;
  readonly hashes: readonly Uint8Array[];
}

/** Hashes and checks what people type, so much of it at a time. */
export class Passwords {
  readonly #random: Random;
  readonly #hasher: Hasher;
  readonly #queue: WorkQueue;

  constructor({ random, hasher = argon2Hasher, workersMax = WORKERS_MAX }: PasswordsParts) {
    this.#random = random;
    this.#hasher = hasher;
    this.#queue = new WorkQueue({ workersMax, waitingMax: WAITING_MAX });
  }

  /** @throws UNAVAILABLE */
  hash(password: string, signal?: Cancellation): Promise<string> {
    const salt = this.#random.bytes(SALT_BYTES);
    return this.#queue.run(() => this.#hasher.hash(password, salt), signal);
  }

  /**
   * Where there is no password, or no account, the same work is done in vain: neither the answer
   * nor its time tells which it was.
   *
   * @throws UNAVAILABLE
   */
  verify(passwordHash: string | null, password: string, signal?: Cancellation): Promise<boolean> {
    return this.#queue.run(async () => {
      const isRight = await this.#hasher.verify(passwordHash ?? this.#hasher.nobodys, password);
      return isRight && passwordHash !== null;
    }, signal);
  }

  isOutdated(passwordHash: string): boolean {
    return this.#hasher.isOutdated(passwordHash);
  }

  /** One place in the queue for all of them. @throws UNAVAILABLE */
  deriveAll(secrets: readonly string[], signal?: Cancellation): Promise<HashedSecrets> {
    const salt = this.#random.bytes(SALT_BYTES);
    return this.#queue.run(async () => {
      const hashes: Uint8Array[] = [];
      for (const secret of secrets) hashes.push(await this.#hasher.derive(secret, salt));
      return { salt, hashes };
    }, signal);
  }

  /** @throws UNAVAILABLE */
  derive(secret: string, salt: Uint8Array, signal?: Cancellation): Promise<Uint8Array> {
    return this.#queue.run(() => this.#hasher.derive(secret, salt), signal);
  }
}
