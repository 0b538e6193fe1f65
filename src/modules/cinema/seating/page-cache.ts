import type { Clock } from "../../../core/clock.ts";
import type { CinemaPage } from "../store/programme.ts";

/** How long a page is shown that nobody said anything new of. */
const PAGE_AGE_MS_MAX = 1_000;
const PAGES_MAX = 200;

interface Entry {
  readonly page: Promise<CinemaPage | null>;
  readonly readAtMs: number;
}

/**
 * Pages of cinemas, as `cinema.getOne` answers them. A page is forgotten when something of its
 * cinema was committed: on this node before the call that did it is answered, so nobody misses
 * their own change here; on others as soon as the bus brings the news, and in any case after
 * {@link PAGE_AGE_MS_MAX}. Those who ask while a page is being read share the reading, unless
 * something was committed since it began.
 */
export class PageCache {
  readonly #clock: Clock;
  readonly #pages = new Map<number, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(cinemaId: number, read: () => Promise<CinemaPage | null>): Promise<CinemaPage | null> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#pages.get(cinemaId);
    if (known !== undefined && nowMs - known.readAtMs < PAGE_AGE_MS_MAX) return known.page;
    // Frozen: what is kept never changes, so the pipeline encodes it once.
    const page = read().then((found) => (found === null ? null : Object.freeze(found)));
    const entry = { page, readAtMs: nowMs };
    this.#pages.delete(cinemaId);
    this.#pages.set(cinemaId, entry);
    this.#shrink();
    // What could not be read, and a cinema that is not there, are nothing to keep.
    const drop = () => {
      if (this.#pages.get(cinemaId) === entry) this.#pages.delete(cinemaId);
    };
    void page.then((found) => found ?? drop(), drop);
    return entry.page;
  }

  forget(cinemaId: number): void {
    this.#pages.delete(cinemaId);
  }

  #shrink(): void {
    const oldest = this.#pages.keys().next();
    if (this.#pages.size > PAGES_MAX && !oldest.done) this.#pages.delete(oldest.value);
  }
}
