import { sleep } from "../../../core/clock.ts";
import { auditRunning } from "../errors.ts";
import type { ShardAudit } from "../shard/reader.ts";
import { checkJournal } from "../store/journal-audit.ts";
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

/**
 * Everything at once: each shard by itself, what is between them, and the journal against the legs.
 * Shards are read one after the other, so what is between them is looked at again while transfers
 * are on their way.
 */
async function auditAll({ readers, work, clock }: Desk) {
  let audits: readonly ShardAudit[] = [];
  let between: readonly string[] = [];
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const looked: ShardAudit[] = [];
    // One after the other: the embedded database has one session for all of them.
    for (const reader of readers) looked.push(await reader.audit());
    audits = looked;
    between = pairsApart(audits);
    if (between.length === 0) break;
  }
  const journal = await work().snapshot((tx) => checkJournal(tx));
  const findings = [
    ...audits.flatMap((audit) => audit.findings),
    ...(journal.unfinished === 0 ? between : []),
    ...journal.findings,
  ];
  const sum = (of: (audit: ShardAudit) => number) => audits.reduce((all, one) => all + of(one), 0);
  return {
    ok: findings.length === 0,
    findings,
    wallets: sum(({ wallets }) => wallets),
    entries: sum(({ entries }) => entries),
    inFlight: journal.unfinished,
    atMs: clock.nowMs(),
  };
}

/**
 * What a pair of shards owe each other sums to what is on its way between them: nothing at rest.
 */
export function pairsApart(audits: readonly ShardAudit[]): string[] {
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
