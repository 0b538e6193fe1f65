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
import { plainColumn, textColumn } from "./columns.ts";
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
    const newest = await transferMax(tx);
    return {
      position: { batch: row.batch, head: row.head },
      atMs: Number(row.at_ms),
      transferMax: newest,
      reserved: await listReserved(tx, shard, { from: row.reserved_from, upTo: newest }),
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

/** Legs looked at in one statement, so that none takes too long. */
const LEGS_WINDOW = 200_000;

/** A hold may be reserved for days, and all legs since are looked at. */
async function listReserved(
  tx: Tx,
  shard: number,
  { from, upTo }: { readonly from: bigint; readonly upTo: bigint },
): Promise<LegRecord[]> {
  const legs: LegRecord[] = [];
  let first = from;
  while (first <= upTo) {
    const { rows: behind } = await sql<{ transfer: bigint }>`
      select transfer from wallet_legs where transfer >= ${first}
      order by transfer offset ${LEGS_WINDOW} limit 1
    `.execute(tx.as());
    // Both legs of a transfer are in one window.
    const next = (behind[0]?.transfer ?? upTo) + 1n;
    const rows = await tx
      .as<WalletTables>()
      .selectFrom("wallet_legs")
      .selectAll()
      .where("transfer", ">=", first)
      .where("transfer", "<", next)
      .where("shard", "=", shard)
      .where("state", "=", "reserved")
      .orderBy("transfer")
      .execute();
    for (const row of rows) legs.push(toLeg(row));
    first = next;
  }
  return legs;
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
    -- prepared: wallet_find_accounts
    -- One by one, with the index: planned over an empty table, a join reads the whole of it.
    select accounts.* from unnest(${textColumn(ids, (id) => id)}::text[]) as given (wallet)
      cross join lateral (
        select * from wallet_accounts where wallet = given.wallet limit 1
      ) as accounts
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
        ${textColumn(newWallets, ({ wallet }) => wallet)},
        ${textColumn(newWallets, ({ asset }) => asset)},
        ${textColumn(newWallets, ({ state }) => state)},
        ${plainColumn(newWallets, ({ posted }) => posted)},
        ${plainColumn(newWallets, ({ held }) => held)},
        ${plainColumn(newWallets, ({ minBalance }) => minBalance)},
        ${plainColumn(newWallets, ({ version }) => version)},
        ${plainColumn(newLegs, ({ transfer }) => transfer)},
        ${plainColumn(newLegs, isCredit)},
        ${plainColumn(newLegs, ({ peer }) => peer)},
        ${textColumn(newLegs, ({ state }) => state)},
        ${textColumn(newLegs, ({ wallet }) => wallet)},
        ${textColumn(newLegs, ({ asset }) => asset)},
        ${plainColumn(newLegs, ({ amount }) => amount)},
        ${plainColumn(newLegs, ({ postedAmount }) => postedAmount)},
        ${textColumn(newLegs, ({ refusal }) => refusal)},
        ${plainColumn(changedLegs, ({ transfer }) => transfer)},
        ${plainColumn(changedLegs, isCredit)},
        ${textColumn(changedLegs, ({ state }) => state)},
        ${plainColumn(changedLegs, ({ postedAmount }) => postedAmount)},
        ${textColumn(changedWallets, ({ wallet }) => wallet)},
        ${textColumn(changedWallets, ({ state }) => state)},
        ${plainColumn(changedWallets, ({ posted }) => posted)},
        ${plainColumn(changedWallets, ({ held }) => held)},
        ${plainColumn(changedWallets, ({ minBalance }) => minBalance)},
        ${plainColumn(changedWallets, ({ version }) => version)},
        ${plainColumn(changedWallets, ({ versionBefore }) => versionBefore)},
        ${textColumn(entries, ({ wallet }) => wallet)},
        ${plainColumn(entries, ({ version }) => version)},
        ${plainColumn(entries, ({ transfer }) => transfer)},
        ${plainColumn(entries, ({ amount }) => amount)},
        ${plainColumn(entries, ({ balanceAfter }) => balanceAfter)},
        ${plainColumn(entries, (entry) => entry.atMs)},
        ${plainColumn(clearing, ({ peer }) => peer)},
        ${textColumn(clearing, ({ asset }) => asset)},
        ${plainColumn(clearing, ({ balance }) => balance)}
      ) as committed
    `.execute(tx.as()),
  );
  return rows[0]?.committed === true ? "committed" : "fenced";
}

function isCredit({ side }: LegKey): boolean {
  return side === "credit";
}
