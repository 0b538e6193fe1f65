import type { Entry } from "../../../src/modules/wallet/types.ts";
import { csv } from "../csv.ts";

/** A statement of a period, whole: read page by page, and written as a file. */
export interface Statement {
  readonly walletId: string;
  readonly asset: string;
  readonly fromMs: number;
  /** The first moment that is no part of it. */
  readonly toMs: number;
  /** From the oldest. */
  readonly entries: readonly Entry[];
}

export interface StatementPage {
  readonly entries: readonly Entry[];
  /** Where the page of older ones begins; null when there is none. */
  readonly before: number | null;
}

/** The newest page read again, and what was known beyond it, if that follows without a gap. */
export function joinPages(newest: StatementPage, known: StatementPage | undefined): StatementPage {
  const last = newest.entries.at(-1);
  const at = known?.entries.findIndex(({ txId }) => txId === last?.txId) ?? -1;
  if (known === undefined || at === -1) return newest;
  return {
    entries: [...newest.entries, ...known.entries.slice(at + 1)],
    before: known.before,
  };
}

/** As much as a browser and a spreadsheet take without trouble. */
export const ENTRIES_MAX = 200_000;

export interface Collecting {
  readonly signal: AbortSignal;
  /** Told how many entries are here. */
  onProgress(entries: number): void;
}

/**
 * All entries of a period, from the oldest; pages come from the newest.
 *
 * @param read reads the page of what is older than this
 * @throws the signal's reason when that aborts; TooLong
 */
export async function collect(
  read: (before: number | undefined) => Promise<StatementPage>,
  { signal, onProgress }: Collecting,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let before: number | undefined;
  for (;;) {
    const page = await read(before);
    signal.throwIfAborted();
    entries.push(...page.entries);
    onProgress(entries.length);
    if (page.before === null) return entries.reverse();
    if (entries.length >= ENTRIES_MAX) throw new TooLong();
    before = page.before;
  }
}

/** There are more than {@link ENTRIES_MAX}. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

const TITLES = [
  "time",
  "transaction",
  "kind",
  "other_wallet",
  "memo",
  "amount",
  "balance",
  "asset",
];

export function statementCsv({ asset, entries }: Statement): string {
  const rows = entries.map((entry) => [
    new Date(entry.atMs).toISOString(),
    entry.txId,
    entry.kind,
    entry.peerId ?? "",
    entry.memo ?? "",
    unsigned(entry.amount),
    entry.balanceAfter,
    asset,
  ]);
  return csv([TITLES, ...rows]);
}

export function statementJson(statement: Statement): string {
  const { walletId, asset, fromMs, toMs, entries } = statement;
  const written = entries.map((entry) => ({
    time: new Date(entry.atMs).toISOString(),
    transaction: entry.txId,
    kind: entry.kind,
    otherWallet: entry.peerId,
    memo: entry.memo,
    amount: unsigned(entry.amount),
    balance: entry.balanceAfter,
  }));
  const head = {
    wallet: walletId,
    asset,
    from: new Date(fromMs).toISOString(),
    before: new Date(toMs).toISOString(),
  };
  return `${JSON.stringify({ ...head, entries: written }, null, 2)}\n`;
}

/** Programs read `12.50`, and not all of them `+12.50`. */
function unsigned(amount: string): string {
  return amount.replace(/^\+/, "");
}
