import { pauseAfter } from "../../../core/backoff.ts";
import { type Clock, sleep } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { ShardPosition } from "../shard/protocol.ts";
import { GroupCommit } from "./group-commit.ts";
import type { JournalEntry, JournalStore } from "./journal.ts";
import type { TransferRecord } from "./transfer.ts";

/** Entries in one commit: two people may hear of each. */
const ENTRIES_MAX = 500;
const PAUSE_MS = { first: 50, longest: 2_000 } as const;

export interface RecorderParts {
  readonly journal: JournalStore;
  readonly epoch: bigint;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly takePositions: () => ReadonlyMap<number, ShardPosition>;
  readonly onFenced: () => void;
}

type Entries = readonly JournalEntry[];
/** Those that somebody else has decided; undefined when nothing is recorded any more. */
type Recorded = readonly TransferRecord[] | undefined;

/**
 * The journal's one writer of the leading orchestrator. What is to be recorded is recorded, however
 * often it takes: every entry can be written again, and nothing goes on before it is there.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #commits: GroupCommit<Entries, Recorded>;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#commits = new GroupCommit((items) => this.#commit(items), {
      weightOf: ({ length }) => length,
      weightMax: ENTRIES_MAX,
      // What is recorded belongs to transfers on their way, whose number is bounded.
      waitingMax: Number.POSITIVE_INFINITY,
    });
  }

  record(entries: Entries): Promise<Recorded> {
    return this.#commits.submit(entries);
  }

  async #commit(items: readonly Entries[]): Promise<readonly Recorded[]> {
    const { journal, epoch, signal, takePositions, onFenced } = this.#parts;
    const positions = new Map(takePositions());
    const entries = mergeById(items.flat());
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const recorded = await journal.record({ epoch, entries, positions });
        if (signal.aborted) break;
        if (recorded === "fenced") {
          onFenced();
          break;
        }
        return items.map((item) => concerning(item, recorded));
      } catch (cause) {
        await this.#pause(attempt, cause);
      }
    }
    return items.map(() => undefined);
  }

  async #pause(attempt: number, cause: unknown): Promise<void> {
    const { clock, random, log, signal } = this.#parts;
    if (attempt === 1) log.warn({ err: cause }, "the journal does not answer");
    await sleep(clock, pauseAfter(attempt, PAUSE_MS, random), signal);
  }
}

/** While one commit is under way, a transfer may have got on by more than one step. */
function mergeById(entries: Entries): Entries {
  const merged = new Map<bigint, JournalEntry>();
  for (const entry of entries) merged.set(entry.id, { ...merged.get(entry.id), ...entry });
  return [...merged.values()];
}

function concerning(entries: Entries, recorded: readonly TransferRecord[]) {
  if (recorded.length === 0) return recorded;
  const ids = new Set(entries.map(({ id }) => id));
  return recorded.filter(({ id }) => ids.has(id));
}
