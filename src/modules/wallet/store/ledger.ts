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
    wallets: (ids) => findWallets(database, ids),
    legs: (keys) => findLegs(database, keys),
    commit: (changes) => commit(database, shard, changes),
  };
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

async function findWallets(database: Database, ids: readonly string[]): Promise<WalletRecord[]> {
  const { rows } = await sql<WalletTables["wallet_accounts"]>`
    select * from wallet_accounts where wallet = any (${ids}::text[])
  `.execute(database.single().as());
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

/**
 * One statement, which is a transaction by itself. Everything in it depends on the fence, the first
 * row: nothing is written by whom this epoch or this batch has left behind.
 */
async function commit(
  database: Database,
  shard: number,
  changes: ShardChanges,
): Promise<"committed" | "fenced"> {
  const { epoch, after, position, atMs, entries, reservedFrom } = changes;
  const { newLegs, changedLegs, newWallets, changedWallets, clearing } = changes;
  const { batch, head } = position;
  const { rows } = await database.statement((tx) =>
    sql<{ fenced: boolean }>`
      -- prepared: wallet_commit
      with fence as (
        update wallet_shards
        set batch = ${batch}, head = ${head}, at_ms = ${atMs}, reserved_from = ${reservedFrom}
        where shard = ${shard} and epoch = ${epoch} and batch = ${after}
        returning shard
      ), made as (
        insert into wallet_accounts
          (shard, wallet, asset, state, posted, held, min_balance, version)
        select * from fence cross join unnest(
          ${newWallets.map(({ wallet }) => wallet)}::text[],
          ${newWallets.map(({ asset }) => asset)}::text[],
          ${newWallets.map(({ state }) => state)}::text[],
          ${newWallets.map(({ posted }) => posted)}::bigint[],
          ${newWallets.map(({ held }) => held)}::bigint[],
          ${newWallets.map(({ minBalance }) => minBalance)}::bigint[],
          ${newWallets.map(({ version }) => version)}::integer[]
        )
      ), begun as (
        insert into wallet_legs (shard, transfer, is_credit, peer, state, wallet, asset, amount,
          posted_amount, refusal)
        select * from fence cross join unnest(
          ${newLegs.map(({ transfer }) => transfer)}::bigint[],
          ${newLegs.map(({ side }) => side === "credit")}::boolean[],
          ${newLegs.map(({ peer }) => peer)}::smallint[],
          ${newLegs.map(({ state }) => state)}::text[],
          ${newLegs.map(({ wallet }) => wallet)}::text[],
          ${newLegs.map(({ asset }) => asset)}::text[],
          ${newLegs.map(({ amount }) => amount)}::bigint[],
          ${newLegs.map(({ postedAmount }) => postedAmount)}::bigint[],
          ${newLegs.map(({ refusal }) => refusal)}::text[]
        )
      ), ended as (
        update wallet_legs as legs set state = given.state, posted_amount = given.posted_amount
        from fence cross join unnest(
          ${changedLegs.map(({ transfer }) => transfer)}::bigint[],
          ${changedLegs.map(({ side }) => side === "credit")}::boolean[],
          ${changedLegs.map(({ state }) => state)}::text[],
          ${changedLegs.map(({ postedAmount }) => postedAmount)}::bigint[]
        ) as given (transfer, is_credit, state, posted_amount)
        where legs.transfer = given.transfer and legs.is_credit = given.is_credit
          and legs.state = 'reserved'
        returning 1
      ), changed as (
        update wallet_accounts as accounts set state = given.state, posted = given.posted,
          held = given.held, min_balance = given.min_balance, version = given.version
        from fence cross join unnest(
          ${changedWallets.map(({ wallet }) => wallet)}::text[],
          ${changedWallets.map(({ state }) => state)}::text[],
          ${changedWallets.map(({ posted }) => posted)}::bigint[],
          ${changedWallets.map(({ held }) => held)}::bigint[],
          ${changedWallets.map(({ minBalance }) => minBalance)}::bigint[],
          ${changedWallets.map(({ version }) => version)}::integer[],
          ${changedWallets.map(({ versionBefore }) => versionBefore)}::integer[]
        ) as given (wallet, state, posted, held, min_balance, version, version_before)
        where accounts.wallet = given.wallet and accounts.version = given.version_before
        returning 1
      ), entered as (
        insert into wallet_entries
          (shard, batch, wallet, version, transfer, amount, balance_after, at_ms, place)
        select fence.shard, ${batch}, given.* from fence cross join unnest(
          ${entries.map(({ wallet }) => wallet)}::text[],
          ${entries.map(({ version }) => version)}::integer[],
          ${entries.map(({ transfer }) => transfer)}::bigint[],
          ${entries.map(({ amount }) => amount)}::bigint[],
          ${entries.map(({ balanceAfter }) => balanceAfter)}::bigint[],
          ${entries.map((entry) => entry.atMs)}::bigint[]
        ) with ordinality as given
      ), chained as (
        insert into wallet_batches (shard, batch, epoch, head, entries, at_ms)
        select shard, ${batch}, ${epoch}, ${head}, ${entries.length}, ${atMs} from fence
        where ${entries.length} > 0
      ), cleared as (
        insert into wallet_clearing as known (shard, peer, asset, balance)
        select * from fence cross join unnest(
          ${clearing.map(({ peer }) => peer)}::smallint[],
          ${clearing.map(({ asset }) => asset)}::text[],
          ${clearing.map(({ balance }) => balance)}::bigint[]
        )
        on conflict (shard, peer, asset) do update set balance = excluded.balance
      )
      select not exists (select from fence) as fenced, wallet_assert(
        not exists (select from fence) or (
          (select count(*) from ended) = ${changedLegs.length}
          and (select count(*) from changed) = ${changedWallets.length}
        ), 'Legs or wallets are not in the state the shard has them in.'
      )
    `.execute(tx.as()),
  );
  return rows[0]?.fenced === false ? "committed" : "fenced";
}
