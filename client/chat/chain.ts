import { LINK_BYTES } from "./body.ts";
import { type Bytes, toBase64Url } from "./bytes.ts";
import { ChatRefusal } from "./refusals.ts";

/** Links remembered of one sender; the oldest are forgotten first. */
const LINKS_PER_SENDER_MAX = 20_000;

/** What the first message of a sender names as the one before it. */
export const NO_LINK: Bytes = new Uint8Array(LINK_BYTES);
const NO_LINK_TEXT = toBase64Url(NO_LINK);

/**
 * How a message hangs on what its sender said before: `joined` to a message that is known here,
 * `begun` as his first, `restarted` as if it were his first, `unanchored` when nothing of his is
 * known yet, `gap` when a person has accepted that something is missing.
 */
export type Standing = "joined" | "begun" | "restarted" | "unanchored" | "gap";

/**
 * One sender's messages as far as they are known here, each of which names one before it.
 *
 * A sender with two devices may name the same message twice; what he may not name is a message
 * that the reader was never given. So a dropped copy shows as soon as the next one arrives.
 */
export class Chain {
  /** Base64url, the oldest first. */
  readonly #links: Set<string>;

  constructor(links: readonly string[] = []) {
    this.#links = new Set(links);
  }

  get isKnown(): boolean {
    return this.#links.size > 0;
  }

  has(link: string): boolean {
    return this.#links.has(link);
  }

  /** @throws ChatRefusal COPY_MISSING when `prevHash` names what is not known */
  standingOf(prevHash: Bytes): Standing {
    const prev = toBase64Url(prevHash);
    if (prev === NO_LINK_TEXT) return this.isKnown ? "restarted" : "begun";
    if (this.#links.has(prev)) return "joined";
    if (!this.isKnown) return "unanchored";
    throw new ChatRefusal("COPY_MISSING");
  }

  add(link: Bytes): void {
    this.#links.add(toBase64Url(link));
    for (const oldest of this.#links) {
      if (this.#links.size <= LINKS_PER_SENDER_MAX) break;
      this.#links.delete(oldest);
    }
  }

  forget(link: Bytes): void {
    this.#links.delete(toBase64Url(link));
  }

  export(): readonly string[] {
    return [...this.#links];
  }
}
