import { sql } from "kysely";
import type { Database, Tx } from "../../../core/database.ts";
import type { AssetSums, ShardAudit, ShardSummary } from "../shard/reader.ts";
import { headAfter } from "../shard/shard.ts";
import { toEntry } from "./reading.ts";
import type { WalletTables } from "./tables.ts";

/** Sentences in one report. */
const FINDINGS_MAX = 20;
/** Batches whose entries are read at once to follow the chain. */
const CHAIN_PAGE_BATCHES = 500;

/**
 * Looks at a whole shard, at one moment of it: every sum again from the rows it is the sum of, and
 * the chain of hashes from its beginning.
 */
export async function auditShard(database: Database, shard: number): Promise<ShardAudit> {
  const options = { isolation: "repeatable read", readOnly: true } as const;
  return database.transaction(options, async (tx) => {
    const [counts, sums] = [await count(tx, shard), await sumUp(tx, shard)];
    const findings = [
      ...sums.flatMap((sum) => unbalanced(shard, sum)),
      ...(await wrongWallets(tx, shard)),
      ...(await wrongVersions(tx, shard)),
      ...(await brokenChain(tx, shard)),
    ];
    return { shard, ...counts, sums, findings: findings.slice(0, FINDINGS_MAX) };
  });
}

export function summarise(database: Database, shard: number): Promise<ShardSummary> {
  return count(database.single(), shard);
}

async function count(tx: Tx, shard: number): Promise<ShardSummary> {
  const { rows } = await sql<{ batch: bigint | null; wallets: string; entries: string }>`
    select (select batch from wallet_shards where shard = ${shard}) as batch,
      (select count(*) from wallet_accounts where shard = ${shard})::text as wallets,
      (select coalesce(sum(entries), 0) from wallet_batches where shard = ${shard})::text as entries
  `.execute(tx.as());
  const [row] = rows;
  return {
    batch: row?.batch ?? 0n,
    wallets: Number(row?.wallets ?? 0),
    entries: Number(row?.entries ?? 0),
  };
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

/** Wallets that are not what their entries and reserved legs add up to. */
async function wrongWallets(tx: Tx, shard: number): Promise<string[]> {
  const { rows } = await sql<{ wallet: string; what: string }>`
    with entries as (
      select wallet, sum(amount) as posted, count(*) as count, max(version) as last
      from wallet_entries where shard = ${shard} group by wallet
    ), legs as (
      select wallet, sum(amount) as held from wallet_legs
      where shard = ${shard} and state = 'reserved' and not is_credit
        and transfer >= (select reserved_from from wallet_shards where shard = ${shard})
      group by wallet
    )
    select accounts.wallet, case
        when accounts.posted <> coalesce(entries.posted, 0) then 'entries of another sum'
        when accounts.version <> coalesce(entries.count, 0)
          or accounts.version <> coalesce(entries.last, 0) then 'a gap among its entries'
        when accounts.held <> coalesce(legs.held, 0) then 'another amount held than is reserved'
        else 'less than it may have'
      end as what
    from wallet_accounts as accounts
    left join entries using (wallet) left join legs using (wallet)
    where accounts.shard = ${shard} and (
      accounts.posted <> coalesce(entries.posted, 0)
      or accounts.version <> coalesce(entries.count, 0)
      or accounts.version <> coalesce(entries.last, 0)
      or accounts.held <> coalesce(legs.held, 0)
      or accounts.posted - accounts.held < accounts.min_balance
    )
    limit ${FINDINGS_MAX}
  `.execute(tx.as());
  return rows.map(({ wallet, what }) => `Shard ${shard}: wallet ${wallet} has ${what}.`);
}

/** Entries whose balance is not that of the one before and their own amount. */
async function wrongVersions(tx: Tx, shard: number): Promise<string[]> {
  const { rows } = await sql<{ wallet: string; version: number }>`
    select wallet, version from (
      select wallet, version, balance_after - amount
          - coalesce(lag(balance_after) over (partition by wallet order by version), 0) as off
      from wallet_entries where shard = ${shard}
    ) as steps where off <> 0 limit ${FINDINGS_MAX}
  `.execute(tx.as());
  return rows.map(
    ({ wallet, version }) =>
      `Shard ${shard}: entry ${version} of wallet ${wallet} does not follow the one before.`,
  );
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
