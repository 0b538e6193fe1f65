import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { AssetSums, ShardAudit, ShardSummary } from "../shard/reader.ts";
import { headAfter } from "../shard/shard.ts";
import { toEntry } from "./reading.ts";
import type { WalletTables } from "./tables.ts";

/** Sentences in one report. */
const FINDINGS_MAX = 20;
/** Wallets looked at in one query. */
const WALLETS_PAGE = 1_000;
/** Batches whose entries are read at once to follow the chain. */
const CHAIN_PAGE_BATCHES = 500;

/**
 * Looks at a whole shard, at the moment of the transaction: every sum again from the rows it is the
 * sum of, and the chain of hashes from its beginning.
 */
export async function auditShard(tx: Tx, shard: number): Promise<ShardAudit> {
  const [counts, sums] = [await summarise(tx, shard), await sumUp(tx, shard)];
  const findings = [
    ...sums.flatMap((sum) => unbalanced(shard, sum)),
    ...(await wrongWallets(tx, shard)),
    ...(await brokenChain(tx, shard)),
  ];
  return { shard, ...counts, sums, findings: findings.slice(0, FINDINGS_MAX) };
}

/** What the shard says of itself, without counting. */
export async function summarise(tx: Tx, shard: number): Promise<ShardSummary> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_shards")
    .select(["batch", "wallets", "entries"])
    .where("shard", "=", shard)
    .executeTakeFirst();
  const { batch = 0n, wallets = 0n, entries = 0n } = row ?? {};
  return { batch, wallets: Number(wallets), entries: Number(entries) };
}

async function sumUp(tx: Tx, shard: number): Promise<AssetSums[]> {
  const { rows: wallets } = await sql<{ asset: string; sum: string }>`
    select asset, sum(posted)::text as sum from wallet_accounts where shard = ${shard}
    group by asset order by asset
  `.execute(tx.as());
  const clearing = await tx
    .as<WalletTables>()
    .selectFrom("wallet_clearing")
    .select(["peer", "asset", "balance"])
    .where("shard", "=", shard)
    .orderBy("peer")
    .execute();
  return wallets.map(({ asset, sum }) => ({
    asset,
    wallets: BigInt(sum),
    clearing: clearing
      .filter((account) => account.asset === asset)
      .map(({ peer, balance }) => ({ peer, balance })),
  }));
}

function unbalanced(shard: number, { asset, wallets, clearing }: AssetSums): string[] {
  const sum = clearing.reduce((total, { balance }) => total + balance, wallets);
  return sum === 0n ? [] : [`Shard ${shard}: wallets and clearing of ${asset} sum to ${sum}.`];
}

/** Wallets that are not what their entries and reserved legs add up to, looked at page by page. */
async function wrongWallets(tx: Tx, shard: number): Promise<string[]> {
  const held = await heldBy(tx, shard);
  const findings: string[] = [];
  let after = "";
  for (;;) {
    const { rows } = await sql<WalletSums>`
      with page as (
        select * from wallet_accounts where shard = ${shard} and wallet > ${after}
        order by wallet limit ${WALLETS_PAGE}
      ), steps as (
        select entries.wallet, amount, entries.version, balance_after - amount - coalesce(
            lag(balance_after) over (partition by entries.wallet order by entries.version), 0
          ) as off
        from page join wallet_entries as entries using (wallet, shard)
      ), sums as (
        select wallet, sum(amount) as posted, count(*) as count, max(version) as last,
          bool_or(off <> 0) as off
        from steps group by wallet
      )
      select wallet, page.posted, page.held, page.min_balance as "minBalance", page.version,
        coalesce(sums.posted, 0)::text as sum, coalesce(sums.count, 0)::integer as count,
        coalesce(sums.last, 0) as last, coalesce(sums.off, false) as off
      from page left join sums using (wallet) order by wallet
    `.execute(tx.as());
    for (const row of rows) {
      const what = wrongWith(row, held.get(row.wallet) ?? 0n);
      if (what !== undefined) findings.push(`Shard ${shard}: wallet ${row.wallet} has ${what}.`);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < WALLETS_PAGE) return findings;
    if (findings.length >= FINDINGS_MAX) return findings;
    after = last.wallet;
  }
}

interface WalletSums {
  readonly wallet: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly minBalance: bigint;
  readonly version: number;
  /** Of its entries' amounts. */
  readonly sum: string;
  readonly count: number;
  readonly last: number;
  /** Whether an entry does not follow from the one before. */
  readonly off: boolean;
}

function wrongWith(row: WalletSums, reserved: bigint): string | undefined {
  const { posted, held, minBalance, version, sum, count, last, off } = row;
  if (BigInt(sum) !== posted) return "entries of another sum";
  if (count !== version || last !== version) return "a gap among its entries";
  if (off) return "an entry that does not follow from the one before";
  if (held !== reserved) return "another amount held than is reserved";
  return posted - held < minBalance ? "less than it may have" : undefined;
}

/** What the reserved legs of wallets hold. */
async function heldBy(tx: Tx, shard: number): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ wallet: string; held: string }>`
    select wallet, sum(amount)::text as held from wallet_legs
    where shard = ${shard} and state = 'reserved' and not is_credit
      and transfer >= (select reserved_from from wallet_shards where shard = ${shard})
    group by wallet
  `.execute(tx.as());
  return new Map(rows.map(({ wallet, held }) => [wallet, BigInt(held)]));
}

async function brokenChain(tx: Tx, shard: number): Promise<string[]> {
  let [head, after] = ["", 0n];
  for (;;) {
    const batches = await tx
      .as<WalletTables>()
      .selectFrom("wallet_batches")
      .selectAll()
      .where("shard", "=", shard)
      .where("batch", ">", after)
      .orderBy("batch")
      .limit(CHAIN_PAGE_BATCHES)
      .execute();
    const last = batches.at(-1);
    if (last === undefined) break;
    const entries = await entriesOfBatches(tx, shard, after, last.batch);
    for (const { batch, head: recorded } of batches) {
      head = headAfter(head, entries.get(batch) ?? []);
      if (head !== recorded) return [`Shard ${shard}: the chain is broken at batch ${batch}.`];
    }
    after = last.batch;
  }
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_shards")
    .select("head")
    .where("shard", "=", shard)
    .executeTakeFirst();
  if (row === undefined || row.head === head) return [];
  return [`Shard ${shard}: the chain does not end where the shard says.`];
}

async function entriesOfBatches(tx: Tx, shard: number, after: bigint, last: bigint) {
  const rows = await tx
    .as<WalletTables>()
    .selectFrom("wallet_entries")
    .selectAll()
    .where("shard", "=", shard)
    .where("batch", ">", after)
    .where("batch", "<=", last)
    .orderBy("batch")
    .orderBy("place")
    .execute();
  return Map.groupBy(
    rows.map((row) => ({ ...toEntry(row), batch: row.batch })),
    ({ batch }) => batch,
  );
}
