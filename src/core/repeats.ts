import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Tx } from "./database.ts";
import { repeatMismatch, StoaError } from "./errors.ts";
import type { RepeatRecord, RepeatStore, Settled } from "./idempotency.ts";
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
    const settled = (await this.#store.find(tx, [key], this.#clock.nowMs())).get(key);
    return settled === undefined ? null : { answer: this.#open(key, fingerprint, settled) };
  }

  /**
   * The same for calls that are handled together; no two of them have the same key. Those that
   * share a name take turns over all nodes, so the answers of earlier ones are there to be found
   * and no key has to be claimed.
   *
   * @param effect gets the places of the calls that were not answered before, and answers the
   *   outcome of each; an error is an outcome that leaves nothing
   */
  async onceEach(
    tx: Tx,
    name: string,
    identities: readonly RepeatIdentity[],
    effect: (fresh: readonly number[]) => Promise<readonly unknown[]>,
  ): Promise<readonly unknown[]> {
    const digests = identities.map((identity) => this.#digest(identity));
    await this.#store.takeTurn(tx, name);
    const nowMs = this.#clock.nowMs();
    const earlier = await this.#store.find(
      tx,
      digests.map(({ key }) => key),
      nowMs,
    );
    const outcomes: unknown[] = digests.map(({ key, fingerprint }) => {
      const settled = earlier.get(key);
      if (settled === undefined) return undefined;
      return settled.fingerprint === fingerprint
        ? this.#open(key, fingerprint, settled)
        : repeatMismatch();
    });
    const fresh = [...digests.keys()].filter((place) => !earlier.has(digests[place]?.key ?? ""));
    if (fresh.length === 0) return outcomes;
    const records: RepeatRecord[] = [];
    for (const [index, outcome] of (await effect(fresh)).entries()) {
      const place = fresh[index] ?? Number.NaN;
      const digest = digests[place];
      if (digest === undefined) throw new Error("There are more outcomes than calls.");
      outcomes[place] = outcome;
      if (outcome instanceof StoaError) continue;
      const answer = this.#vault.seal(JSON.stringify(outcome), placeOf(digest.key));
      records.push({ ...digest, answer });
    }
    await this.#store.record(tx, records, { nowMs, expiresAtMs: nowMs + REPEAT_WINDOW_MS });
    return outcomes;
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
