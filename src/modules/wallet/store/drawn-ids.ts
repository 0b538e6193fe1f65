import type { Clock } from "../../../core/clock.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { drawIds } from "./accepting.ts";

/** Ids drawn ahead, for as many transfers as two commits take. */
const AHEAD_MAX = 1_024;
/** How long none are drawn ahead once another node has written later ones. */
const ALONE_AFTER_MS = 10_000;

/**
 * Ids for transfers, in their order. They are drawn while the commit before is under way, so that
 * accepting is one round trip to the database. A node that is not the only one that accepts would
 * draw them in vain, because those of others overtake them: it draws them when it needs them.
 */
export class DrawnIds {
  readonly #work: () => UnitOfWork;
  readonly #clock: Clock;
  #drawn: bigint[] = [];
  #drawing: Promise<unknown> = Promise.resolve();
  #aheadFromMs = 0;

  constructor(work: () => UnitOfWork, clock: Clock) {
    this.#work = work;
    this.#clock = clock;
  }

  async take(count: number): Promise<readonly bigint[]> {
    await this.#drawing;
    if (this.#drawn.length < count) this.#drawn.push(...(await this.#draw(count)));
    const ids = this.#drawn.splice(0, count);
    if (this.#drawn.length < AHEAD_MAX / 2 && this.#clock.monotonicMs() >= this.#aheadFromMs) {
      this.#drawing = this.#draw(AHEAD_MAX).then(
        (drawn) => this.#drawn.push(...drawn),
        // Whoever needs ids next draws them, and hears what is wrong.
        () => {},
      );
    }
    return ids;
  }

  /** Others have written later ones: these can never be written. */
  async overtaken(): Promise<void> {
    this.#aheadFromMs = this.#clock.monotonicMs() + ALONE_AFTER_MS;
    await this.#drawing;
    this.#drawn = [];
  }

  #draw(count: number): Promise<readonly bigint[]> {
    return this.#work().single((tx) => drawIds(tx, count));
  }
}
