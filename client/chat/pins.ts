import { keyFromBase64Url } from "./bytes.ts";
import { type Verifier, verifierOf } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";

/** Identities one device remembers: everybody one shares a conversation with. */
const PINS_MAX = 100_000;

/** Whose identity key was accepted; keys are base64url. */
export type PinnedIdentities = Readonly<Record<string, string>>;

/**
 * The identities that the person at this device has accepted.
 *
 * The service tells who has which key, so what it tells is taken once, when the person begins to
 * talk with somebody or sees him added, and from then on held against what was taken.
 */
export class PinBook {
  readonly #identities: Map<string, string>;
  readonly #verifiers = new Map<string, Promise<Verifier>>();

  constructor(pinned: PinnedIdentities = {}) {
    this.#identities = new Map(Object.entries(pinned));
  }

  /**
   * Accepts somebody for the first time, on the word of the person at this device.
   *
   * @throws ChatRefusal IDENTITY_CHANGED when another identity of his is pinned; KEY_INVALID,
   *   BASE64_INVALID, TOO_MANY
   */
  async pin(userId: string, identity: string): Promise<void> {
    const pinned = this.#identities.get(userId);
    if (pinned !== undefined && pinned !== identity) {
      throw new ChatRefusal("IDENTITY_CHANGED", { userId });
    }
    await this.#accept(userId, identity);
  }

  /** Takes somebody's new identity, after the person at this device has compared the number. */
  async acknowledgeChange(userId: string, identity: string): Promise<void> {
    await this.#accept(userId, identity);
  }

  identityOf(userId: string): string | undefined {
    return this.#identities.get(userId);
  }

  /** @throws ChatRefusal MEMBER_NOT_PINNED, or IDENTITY_CHANGED when `identity` is another */
  check(userId: string, identity: string): void {
    const pinned = this.#identities.get(userId);
    if (pinned === undefined) throw new ChatRefusal("MEMBER_NOT_PINNED", { userId });
    if (pinned !== identity) throw new ChatRefusal("IDENTITY_CHANGED", { userId });
  }

  /** What checks a pinned person's signatures. @throws ChatRefusal MEMBER_NOT_PINNED */
  async verifier(userId: string): Promise<Verifier> {
    const identity = this.#identities.get(userId);
    if (identity === undefined) throw new ChatRefusal("MEMBER_NOT_PINNED", { userId });
    const known = this.#verifiers.get(userId);
    if (known !== undefined) return known;
    const verifier = verifierOf(keyFromBase64Url(identity, 32));
    this.#verifiers.set(userId, verifier);
    return verifier;
  }

  /** For the device's storage. */
  export(): PinnedIdentities {
    return Object.fromEntries(this.#identities);
  }

  async #accept(userId: string, identity: string): Promise<void> {
    if (!this.#identities.has(userId) && this.#identities.size >= PINS_MAX) {
      throw new ChatRefusal("TOO_MANY");
    }
    const verifier = await verifierOf(keyFromBase64Url(identity, 32));
    this.#identities.set(userId, identity);
    this.#verifiers.set(userId, Promise.resolve(verifier));
  }
}
