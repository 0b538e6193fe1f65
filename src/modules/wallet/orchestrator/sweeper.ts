import type { Clock } from "../../../core/clock.ts";
import type { IdRange, JournalStore } from "./journal.ts";
import type { TransferRecord } from "./transfer.ts";

/**
 * Transfers on their way at once, and so in the leader's memory. More are turned away where they
 * are asked for, and left in the journal where they are found.
 */
export const IN_FLIGHT_MAX = 16_384;
/** Transfers read at once. */
const TRANSFERS_PAGE = 1_000;
/** Holds taken up by one sweep; the next one goes on behind them. */
const DUE_HOLDS_MAX = 4_000;
/** How often everything that is unfinished is looked at. */
const REVIEW_INTERVAL_MS = 15_000;
/** What another node accepts is in the journal at the latest so long after its id was drawn. */
const STRAGGLING_MS_MAX = 60_000;

export interface SweeperParts {
  readonly journal: Pick<JournalStore, "unfinished" | "dueHolds" | "newest" | "forgetBelow">;
  readonly clock: Clock;
  readonly epoch: bigint;
  /** Transfers on their way now. */
  readonly inFlight: () => number;
}

/**
 * Finds in the journal what the leader has not been told of: holds that are due, and transfers that
 * were accepted between the last two sweeps. Nearly all of these have ended by now, so little is
 * read. What was accepted late, under an id that was drawn early, is found by a review of all.
 */
export class Sweeper {
  readonly #parts: SweeperParts;
  /** What was the newest transfer at earlier sweeps. */
  readonly #seen: Array<{ readonly id: bigint; readonly atMs: number }> = [];
  #sweptTo = 0n;
  /** The last of the due holds that were read, while there are more. */
  #holdsTo = 0n;
  #reviewedMs: number;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#reviewedMs = parts.clock.monotonicMs();
  }

  /** What there is to do; all of a bundle at once, because it is decided together. */
  async all(): Promise<readonly TransferRecord[]> {
    return [...(await this.#unfinished({ after: 0n })), ...(await this.dueHolds())];
  }

  /** Transfers that were accepted since the last time, or now and then all that have not ended. */
  async recent(): Promise<readonly TransferRecord[]> {
    const { journal, clock, inFlight } = this.#parts;
    if (inFlight() >= IN_FLIGHT_MAX) return [];
    const [after, upTo] = [this.#sweptTo, this.#seen.at(-1)?.id ?? 0n];
    this.#seen.push({ id: await journal.newest(), atMs: clock.monotonicMs() });
    if (clock.monotonicMs() - this.#reviewedMs >= REVIEW_INTERVAL_MS) return this.#review();
    const recent = upTo > after ? await this.#unfinished({ after, upTo }) : [];
    this.#sweptTo = upTo;
    // A bundle that began earlier was looked at then.
    return recent.filter(({ id, bundle }) => (bundle ?? id) > after);
  }

  /** Looks at all there is, and remembers from where to look the next time. */
  async #review(): Promise<readonly TransferRecord[]> {
    const { journal, clock, epoch } = this.#parts;
    // Also when it fails: the next sweeps look at what is recent, as ever.
    this.#reviewedMs = clock.monotonicMs();
    const transfers = await this.#unfinished({ after: 0n });
    const isOld = (atMs: number) => clock.monotonicMs() - atMs > STRAGGLING_MS_MAX;
    const below = this.#seen.findLast(({ atMs }) => isOld(atMs))?.id;
    if (below === undefined) return transfers;
    this.#seen.splice(0, this.#seen.findLastIndex(({ atMs }) => isOld(atMs)) + 1);
    const oldest = transfers[0]?.id ?? below;
    await journal.forgetBelow(epoch, oldest < below ? oldest : below);
    return transfers;
  }

  /** Those that there is no room for are found by a review, which then is the next one's. */
  async #unfinished({ after, upTo }: IdRange): Promise<TransferRecord[]> {
    const { journal } = this.#parts;
    const all = await readPages(IN_FLIGHT_MAX, (last) =>
      journal.unfinished({ after: last ?? after, upTo }, TRANSFERS_PAGE),
    );
    if (all.length < IN_FLIGHT_MAX) return all;
    this.#reviewedMs -= REVIEW_INTERVAL_MS;
    // Of the last bundle there may be more, and it is decided as a whole.
    const bundle = all.at(-1)?.bundle ?? null;
    return bundle === null ? all : all.filter((transfer) => transfer.bundle !== bundle);
  }

  /** Holds that wait no longer, some at a time. */
  async dueHolds(): Promise<readonly TransferRecord[]> {
    const { journal, inFlight } = this.#parts;
    if (inFlight() >= IN_FLIGHT_MAX) return [];
    const holds = await readPages(DUE_HOLDS_MAX, (last) =>
      journal.dueHolds(last ?? this.#holdsTo, TRANSFERS_PAGE),
    );
    this.#holdsTo = holds.length < DUE_HOLDS_MAX ? 0n : (holds.at(-1)?.id ?? 0n);
    return holds;
  }
}

/** Until so many are read, or there are no more. */
async function readPages(
  countMax: number,
  readPage: (after: bigint | undefined) => Promise<readonly TransferRecord[]>,
): Promise<TransferRecord[]> {
  const all: TransferRecord[] = [];
  for (;;) {
    const page = await readPage(all.at(-1)?.id);
    all.push(...page);
    if (page.length < TRANSFERS_PAGE || all.length >= countMax) return all.slice(0, countMax);
  }
}
