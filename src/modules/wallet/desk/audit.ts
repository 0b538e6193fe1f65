import type { ShardAudit } from "../shard/reader.ts";
import { checkJournal } from "../store/journal-audit.ts";
import type { Desk } from "./desk.ts";

/**
 * Looks in which the clearing accounts have to agree at the least: money moves between two of them.
 */
const LOOKS_MAX = 3;

/**
 * Everything at once: each shard by itself, what is between them, and the journal against the legs.
 * Shards are read one after the other, so what is between them is looked at again while transfers
 * are on their way.
 */
export async function auditAll(desk: Desk, atMs: number) {
  const { readers, work } = desk;
  let audits: readonly ShardAudit[] = [];
  let between: readonly string[] = [];
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    audits = await Promise.all(readers.map((reader) => reader.audit()));
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
    atMs,
  };
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
