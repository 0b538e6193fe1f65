import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Tx } from "./database.ts";
import { repeatMismatch } from "./errors.ts";
import type { RepeatStore } from "./idempotency.ts";
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

/**
 * One effect a key: the answer is stored, sealed, in the transaction of the effect, and a repeat
 * within the window gets it. A call that failed left nothing, so its repeat is tried afresh.
 */
export class Repeats {
  readonly #store: RepeatStore;
  readonly #vault: Vault;
  readonly #clock: Clock;

  constructor(store: RepeatStore, vault: Vault, clock: Clock) {
    this.#store = store;
    this.#vault = vault;
    this.#clock = clock;
  }

  /** @throws REPEAT_MISMATCH when the key was used with another input */
  async once(tx: Tx, identity: RepeatIdentity, effect: () => Promise<unknown>): Promise<unknown> {
    const key = sha256(`${identity.who}\n${identity.method}\n${identity.key}`);
    const fingerprint = sha256(JSON.stringify(identity.input) ?? "");
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = nowMs + REPEAT_WINDOW_MS;
    const claimed = await this.#store.claim(tx, { key, fingerprint, nowMs, expiresAtMs });
    const place = `stoa_repeats/${key}/answer`;
    if (!claimed.first) {
      if (claimed.fingerprint !== fingerprint) throw repeatMismatch();
      return JSON.parse(this.#vault.open(claimed.answer, place));
    }
    const answer = await effect();
    await this.#store.settle(tx, key, this.#vault.seal(JSON.stringify(answer), place));
    return answer;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
