import { sleep } from "../../../core/clock.ts";
import { auditRunning } from "../errors.ts";
import type { LedgerReader, ShardAudit } from "../shard/reader.ts";
import {
  checkJournal,
  type JournalStanding,
  type LegsCheck,
  readStanding,
} from "../store/journal-audit.ts";
import type { Reading } from "../store/local-reader.ts";
import type { Desk } from "./desk.ts";

/**
 * Looks in which the clearing accounts have to agree at the least: money moves between two of them.
 */
const LOOKS_MAX = 3;

/** How long whoever asks waits for an audit; one of a large ledger takes longer. */
const WAIT_MS = 8_000;
/** How long a result is given to those who come back for it. */
const FRESH_MS = 60_000;

type Audit = Awaited<ReturnType<typeof auditAll>>;

/** One audit at a time, however many ask; it goes on when whoever has asked no longer waits. */
export class Audits {
  #running: Promise<Audit> | undefined;
  /** The one that nobody has got yet. */
  #finished: Audit | undefined;

  /** @throws AUDIT_RUNNING when it takes long: asking again gets the result of this one */
  async run(desk: Desk): Promise<Audit> {
    const { clock } = desk;
    const waiting = this.#finished;
    this.#finished = undefined;
    if (waiting !== undefined && clock.nowMs() - waiting.atMs < FRESH_MS) return waiting;
    this.#running ??= auditAll(desk).finally(() => {
      this.#running = undefined;
    });
    const stopWaiting = new AbortController();
    const late = sleep(clock, WAIT_MS, stopWaiting.signal).then(() => undefined);
    const audit = await Promise.race([this.#running, late]).finally(() => stopWaiting.abort());
    if (audit !== undefined) return audit;
    this.#running?.then(
      (finished) => {
        this.#finished = finished;
      },
      () => {},
    );
    throw auditRunning(undefined, { retryAfterMs: WAIT_MS });
  }
}

async function auditAll({ readers, work, clock }: Desk) {
  const { ledgers, unfinished, findings } = await auditLedgers(work(), new Map(readers.entries()));
  const sum = (of: (ledger: ShardAudit) => number) =>
    ledgers.reduce((all, one) => all + of(one), 0);
  return {
    ok: findings.length === 0,
    findings: [...findings],
    wallets: sum(({ wallets }) => wallets),
    entries: sum(({ entries }) => entries),
    inFlight: unfinished,
    atMs: clock.nowMs(),
  };
}

/** What was found in ledgers, and in the journal between them. */
export interface LedgersAudit extends Pick<LegsCheck, "elsewhere"> {
  readonly ledgers: readonly ShardAudit[];
  /** Transfers that have not ended. */
  readonly unfinished: number;
  /** What is wrong, in sentences. */
  readonly findings: readonly string[];
}

/**
 * Everything at once: each shard by itself, what is between them, and the journal against the legs.
 *
 * @param reading of the database with the journal; of one that keeps none, only shards are looked
 * at
 * @param readers by the numbers of their shards
 */
export async function auditLedgers(
  reading: Reading,
  readers: ReadonlyMap<number, LedgerReader>,
): Promise<LedgersAudit> {
  const standing = () => reading.single(readStanding);
  const { isKept } = await standing();
  const { ledgers, between } = await lookTogether([...readers.values()], standing);
  const own = ledgers.flatMap((ledger) => ledger.findings);
  const { moving, waiting } = await standing();
  const unfinished = moving + waiting;
  if (!isKept) return { ledgers, unfinished, elsewhere: [], findings: own };
  const { elsewhere, findings } = await checkJournal(reading, readers);
  const apart = elsewhere.length === 0 ? between : [];
  return { ledgers, unfinished, elsewhere, findings: [...own, ...apart, ...findings] };
}

/**
 * Shards are read one after the other, so what is between them is looked at again while transfers
 * are on their way, and counts only when none was from the beginning of a look to its end.
 */
export async function lookTogether(
  readers: ReadonlyArray<Pick<LedgerReader, "audit">>,
  standing: () => Promise<JournalStanding>,
): Promise<{ readonly ledgers: readonly ShardAudit[]; readonly between: readonly string[] }> {
  for (let look = 1; ; look += 1) {
    const before = await standing();
    const ledgers: ShardAudit[] = [];
    // One after the other: the embedded database has one session for all of them.
    for (const reader of readers) ledgers.push(await reader.audit());
    const between = pairsApart(ledgers);
    if (between.length > 0 && look < LOOKS_MAX) continue;
    const after = await standing();
    return { ledgers, between: isQuiet(before, after) ? between : [] };
  }
}

/** Whether nothing was on its way at both times, nor came up and ended between them. */
function isQuiet(before: JournalStanding, after: JournalStanding): boolean {
  const isSame = before.newest === after.newest && before.waiting === after.waiting;
  return isSame && before.moving + after.moving === 0;
}

/**
 * What a pair of shards owe each other sums to what is on its way between them: nothing at rest.
 */
function pairsApart(audits: readonly ShardAudit[]): string[] {
  const balances = new Map<string, bigint>();
  for (const { shard, sums } of audits) {
    for (const { asset, clearing } of sums) {
      for (const { peer, balance } of clearing) {
        const pair = `${asset} between ${Math.min(shard, peer)} and ${Math.max(shard, peer)}`;
        balances.set(pair, (balances.get(pair) ?? 0n) + balance);
      }
    }
  }
  return [...balances].flatMap(([pair, balance]) =>
    balance === 0n ? [] : [`${balance} of ${pair} is on its way although nothing is.`],
  );
}
