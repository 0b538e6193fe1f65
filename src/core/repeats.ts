import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Tx } from "./database.ts";
import { repeatMismatch } from "./errors.ts";
import type { RepeatStore, Settled } from "./idempotency.ts";
import { REPEAT_WINDOW_MS } from "./limits.ts";
import type { Vault } from "./vault.ts";

/** What makes two calls the same call. */
export interface RepeatIdentity {
  /** The person, or what stands for the caller. */
  readonly who: string;
  readonly method: string;
  readonly key: string;
  readonly input: unknown;
}

export interface RepeatsParts {
  readonly store: RepeatStore;
  readonly vault: Vault;
  readonly clock: Clock;
  /** 32 bytes, the same on every node. */
  readonly secret: Uint8Array;
}

/**
 * One effect a key: the answer is stored, sealed, in the transaction of the effect, and a repeat
 * within the window gets it. A call that failed left nothing, so its repeat is tried afresh.
 *
 * Key and input may hold a password. They are kept as digests under a secret that is not in the
 * database, so a stolen table is nothing to try passwords on.
 */
export class Repeats {
  readonly #store: RepeatStore;
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #secret: KeyObject;

  constructor({ store, vault, clock, secret }: RepeatsParts) {
    this.#store = store;
    this.#vault = vault;
    this.#clock = clock;
    this.#secret = createSecretKey(secret);
  }

  /** @throws REPEAT_MISMATCH when the key was used with another input */
  async once(tx: Tx, identity: RepeatIdentity, effect: () => Promise<unknown>): Promise<unknown> {
    const { key, fingerprint } = this.#digest(identity);
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = nowMs + REPEAT_WINDOW_MS;
    const claimed = await this.#store.claim(tx, { key, fingerprint, nowMs, expiresAtMs });
    if (!claimed.first) return this.#open(key, fingerprint, claimed);
    const answer = await effect();
    await this.#store.settle(tx, key, this.#vault.seal(JSON.stringify(answer), placeOf(key)));
    return answer;
  }

  /**
   * The answer of an earlier call, if there is one: for work that comes before the claim.
   *
   * @throws REPEAT_MISMATCH when the key was used with another input
   */
  async find(tx: Tx, identity: RepeatIdentity): Promise<{ answer: unknown } | null> {
    const { key, fingerprint } = this.#digest(identity);
    const settled = await this.#store.find(tx, key, this.#clock.nowMs());
    return settled === null ? null : { answer: this.#open(key, fingerprint, settled) };
  }

  #open(key: string, fingerprint: string, settled: Settled): unknown {
    if (settled.fingerprint !== fingerprint) throw repeatMismatch();
    return JSON.parse(this.#vault.open(settled.answer, placeOf(key)));
  }

  #digest({ who, method, key, input }: RepeatIdentity) {
    return {
      key: this.#mac(`key\n${who}\n${method}\n${key}`),
      fingerprint: this.#mac(`input\n${JSON.stringify(input) ?? ""}`),
    };
  }

  #mac(text: string): string {
    return createHmac("sha256", this.#secret).update(text).digest("hex");
  }
}

function placeOf(key: string): string {
  return `stoa_repeats/${key}/answer`;
}
