import { sql } from "kysely";
import type { Database, Tx } from "../../../core/database.ts";
import type {
  ClearingRecord,
  LegKey,
  LegRecord,
  ShardChanges,
  ShardStart,
  ShardStore,
  WalletRecord,
} from "../shard/records.ts";
import type { WalletTables } from "./tables.ts";

/** The head of a shard that has no entry yet. */
const NO_ENTRIES = "";

/** The ledger of one shard in a database. */
export function createLedgerStore(database: Database, shard: number): ShardStore {
  return {
    begin: (epoch) => begin(database, shard, epoch),
    headAt: (batch) => headAt(database, shard, batch),
    wallets: (ids) => findWallets(database.single(), ids),
    legs: (keys) => findLegs(database, keys),
    commit: (changes) => commit(database, shard, changes),
  };
}

/** The shards whose ledgers are in this database. */
export async function listShards(database: Database): Promise<number[]> {
  const rows = await database
    .single()
    .as<WalletTables>()
    .selectFrom("wallet_shards")
    .select("shard")
    .orderBy("shard")
    .execute();
  return rows.map(({ shard }) => shard);
}

const WRITE = { isolation: "read committed", readOnly: false } as const;

async function begin(
  database: Database,
  shard: number,
  epoch: bigint,
): Promise<ShardStart | "fenced"> {
  return database.transaction(WRITE, async (tx) => {
    // The row's lock waits for the commit of an earlier epoch that is under way.
    const { rows } = await sql<WalletTables["wallet_shards"]>`
      insert into wallet_shards as shards
        (shard, epoch, batch, head, at_ms, reserved_from)
      values (${shard}, ${epoch}, 0, ${NO_ENTRIES}, 0, 0)
      on conflict (shard) do update set epoch = excluded.epoch
      where shards.epoch <= excluded.epoch
      returning *
    `.execute(tx.as());
    const row = rows[0];
    if (row === undefined) return "fenced";
    return {
      position: { batch: row.batch, head: row.head },
      atMs: Number(row.at_ms),
      transferMax: await transferMax(tx),
      reserved: await listReserved(tx, shard, row.reserved_from),
      clearing: await listClearing(tx, shard),
    };
  });
}

async function transferMax(tx: Tx): Promise<bigint> {
  const { rows } = await sql<{ max: bigint | null }>`
    select max(transfer) as max from wallet_legs
  `.execute(tx.as());
  return rows[0]?.max ?? 0n;
}

async function listReserved(tx: Tx, shard: number, from: bigint): Promise<LegRecord[]> {
  const rows = await tx
    .as<WalletTables>()
    .selectFrom("wallet_legs")
    .selectAll()
    .where("transfer", ">=", from)
    .where("shard", "=", shard)
    .where("state", "=", "reserved")
    .orderBy("transfer")
    .execute();
  return rows.map(toLeg);
}

async function listClearing(tx: Tx, shard: number): Promise<ClearingRecord[]> {
  return tx
    .as<WalletTables>()
    .selectFrom("wallet_clearing")
    .select(["peer", "asset", "balance"])
    .where("shard", "=", shard)
    .execute();
}

async function headAt(database: Database, shard: number, batch: bigint): Promise<string> {
  const row = await database
    .single()
    .as<WalletTables>()
    .selectFrom("wallet_batches")
    .select("head")
    .where("shard", "=", shard)
    .where("batch", "<=", batch)
    .orderBy("batch", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.head ?? NO_ENTRIES;
}

export async function findWallets(tx: Tx, ids: readonly string[]): Promise<WalletRecord[]> {
  const { rows } = await sql<WalletTables["wallet_accounts"]>`
    select * from wallet_accounts where wallet = any (${ids}::text[])
  `.execute(tx.as());
  return rows.map(({ wallet, asset, state, posted, held, min_balance: minBalance, version }) => ({
    wallet,
    asset,
    state,
    posted,
    held,
    minBalance,
    version,
  }));
}

async function findLegs(database: Database, keys: readonly LegKey[]): Promise<LegRecord[]> {
  const { rows } = await sql<WalletTables["wallet_legs"]>`
    select legs.* from unnest(
      ${keys.map(({ transfer }) => transfer)}::bigint[],
      ${keys.map(({ side }) => side === "credit")}::boolean[]
    ) as given (transfer, is_credit) join wallet_legs as legs using (transfer, is_credit)
  `.execute(database.single().as());
  return rows.map(toLeg);
}

function toLeg(row: WalletTables["wallet_legs"]): LegRecord {
  const { transfer, state, wallet, asset, amount, peer, refusal } = row;
  const side = row.is_credit ? "credit" : "debit";
  const postedAmount = row.posted_amount;
  return { transfer, side, state, wallet, asset, amount, postedAmount, peer, refusal };
}

/** One call, which is a transaction by itself; see `wallet_commit_batch` in the migration. */
async function commit(
  database: Database,
  shard: number,
  changes: ShardChanges,
): Promise<"committed" | "fenced"> {
  const { epoch, after, position, atMs, entries, reservedFrom } = changes;
  const { newLegs, changedLegs, newWallets, changedWallets, clearing } = changes;
  const { rows } = await database.statement((tx) =>
    sql<{ committed: boolean }>`
      -- prepared: wallet_commit_batch
      select wallet_commit_batch(
        ${shard}, ${epoch}, ${after}, ${position.batch}, ${position.head}, ${atMs}, ${reservedFrom},
        ${newWallets.map(({ wallet }) => wallet)}, ${newWallets.map(({ asset }) => asset)},
        ${newWallets.map(({ state }) => state)}, ${newWallets.map(({ posted }) => posted)},
        ${newWallets.map(({ held }) => held)}, ${newWallets.map(({ minBalance }) => minBalance)},
        ${newWallets.map(({ version }) => version)},
        ${newLegs.map(({ transfer }) => transfer)}, ${newLegs.map(isCredit)},
        ${newLegs.map(({ peer }) => peer)}, ${newLegs.map(({ state }) => state)},
        ${newLegs.map(({ wallet }) => wallet)}, ${newLegs.map(({ asset }) => asset)},
        ${newLegs.map(({ amount }) => amount)}, ${newLegs.map(({ postedAmount }) => postedAmount)},
        ${newLegs.map(({ refusal }) => refusal)},
        ${changedLegs.map(({ transfer }) => transfer)}, ${changedLegs.map(isCredit)},
        ${changedLegs.map(({ state }) => state)},
        ${changedLegs.map(({ postedAmount }) => postedAmount)},
        ${changedWallets.map(({ wallet }) => wallet)}, ${changedWallets.map(({ state }) => state)},
        ${changedWallets.map(({ posted }) => posted)}, ${changedWallets.map(({ held }) => held)},
        ${changedWallets.map(({ minBalance }) => minBalance)},
        ${changedWallets.map(({ version }) => version)},
        ${changedWallets.map(({ versionBefore }) => versionBefore)},
        ${entries.map(({ wallet }) => wallet)}, ${entries.map(({ version }) => version)},
        ${entries.map(({ transfer }) => transfer)}, ${entries.map(({ amount }) => amount)},
        ${entries.map(({ balanceAfter }) => balanceAfter)}, ${entries.map((entry) => entry.atMs)},
        ${clearing.map(({ peer }) => peer)}, ${clearing.map(({ asset }) => asset)},
        ${clearing.map(({ balance }) => balance)}
      ) as committed
    `.execute(tx.as()),
  );
  return rows[0]?.committed === true ? "committed" : "fenced";
}

function isCredit({ side }: LegKey): boolean {
  return side === "credit";
}
