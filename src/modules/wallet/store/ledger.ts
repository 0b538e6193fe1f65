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

/** Thrown inside of a transaction to take it back. */
class Fenced extends Error {}

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

async function commit(
  database: Database,
  shard: number,
  changes: ShardChanges,
): Promise<"committed" | "fenced"> {
  try {
    await database.transaction(WRITE, async (tx) => {
      await advance(tx, shard, changes);
      await insertLegs(tx, shard, changes.newLegs);
      await updateLegs(tx, changes.changedLegs);
      await insertWallets(tx, shard, changes.newWallets);
      await updateWallets(tx, changes.changedWallets);
      await insertEntries(tx, shard, changes);
      await saveClearing(tx, shard, changes.clearing);
    });
    return "committed";
  } catch (cause) {
    if (cause instanceof Fenced) return "fenced";
    throw cause;
  }
}

/** The fence: nothing is written by whom this epoch or this batch has left behind. */
async function advance(tx: Tx, shard: number, changes: ShardChanges): Promise<void> {
  const { epoch, after, position, atMs, entries, reservedFrom } = changes;
  const { batch, head } = position;
  const { numAffectedRows } = await sql`
    update wallet_shards
    set batch = ${batch}, head = ${head}, at_ms = ${atMs}, reserved_from = ${reservedFrom}
    where shard = ${shard} and epoch = ${epoch} and batch = ${after}
  `.execute(tx.as());
  if (numAffectedRows !== 1n) throw new Fenced();
  if (entries.length === 0) return;
  await sql`
    insert into wallet_batches (shard, batch, epoch, head, entries, at_ms)
    values (${shard}, ${batch}, ${epoch}, ${head}, ${entries.length}, ${atMs})
  `.execute(tx.as());
}

async function insertLegs(tx: Tx, shard: number, legs: readonly LegRecord[]): Promise<void> {
  if (legs.length === 0) return;
  await sql`
    insert into wallet_legs (transfer, is_credit, shard, peer, state, wallet, asset, amount,
      posted_amount, refusal)
    select transfer, is_credit, ${shard}, peer, state, wallet, asset, amount, posted_amount, refusal
    from unnest(
      ${legs.map(({ transfer }) => transfer)}::bigint[],
      ${legs.map(({ side }) => side === "credit")}::boolean[],
      ${legs.map(({ peer }) => peer)}::smallint[],
      ${legs.map(({ state }) => state)}::text[],
      ${legs.map(({ wallet }) => wallet)}::text[],
      ${legs.map(({ asset }) => asset)}::text[],
      ${legs.map(({ amount }) => amount)}::bigint[],
      ${legs.map(({ postedAmount }) => postedAmount)}::bigint[],
      ${legs.map(({ refusal }) => refusal)}::text[]
    ) as given (transfer, is_credit, peer, state, wallet, asset, amount, posted_amount, refusal)
  `.execute(tx.as());
}

/** A leg that was reserved ends. */
async function updateLegs(tx: Tx, legs: readonly LegRecord[]): Promise<void> {
  if (legs.length === 0) return;
  const { numAffectedRows } = await sql`
    update wallet_legs as legs set state = given.state, posted_amount = given.posted_amount
    from unnest(
      ${legs.map(({ transfer }) => transfer)}::bigint[],
      ${legs.map(({ side }) => side === "credit")}::boolean[],
      ${legs.map(({ state }) => state)}::text[],
      ${legs.map(({ postedAmount }) => postedAmount)}::bigint[]
    ) as given (transfer, is_credit, state, posted_amount)
    where legs.transfer = given.transfer and legs.is_credit = given.is_credit
      and legs.state = 'reserved'
  `.execute(tx.as());
  assertAll(numAffectedRows, legs.length, "legs");
}

async function insertWallets(
  tx: Tx,
  shard: number,
  wallets: readonly WalletRecord[],
): Promise<void> {
  if (wallets.length === 0) return;
  await tx
    .as<WalletTables>()
    .insertInto("wallet_accounts")
    .values(
      wallets.map(({ wallet, asset, state, posted, held, minBalance, version }) => ({
        wallet,
        shard,
        asset,
        state,
        posted,
        held,
        min_balance: minBalance,
        version,
      })),
    )
    .execute();
}

async function updateWallets(tx: Tx, wallets: ShardChanges["changedWallets"]): Promise<void> {
  if (wallets.length === 0) return;
  const { numAffectedRows } = await sql`
    update wallet_accounts as accounts set state = given.state, posted = given.posted,
      held = given.held, min_balance = given.min_balance, version = given.version
    from unnest(
      ${wallets.map(({ wallet }) => wallet)}::text[],
      ${wallets.map(({ state }) => state)}::text[],
      ${wallets.map(({ posted }) => posted)}::bigint[],
      ${wallets.map(({ held }) => held)}::bigint[],
      ${wallets.map(({ minBalance }) => minBalance)}::bigint[],
      ${wallets.map(({ version }) => version)}::integer[],
      ${wallets.map(({ versionBefore }) => versionBefore)}::integer[]
    ) as given (wallet, state, posted, held, min_balance, version, version_before)
    where accounts.wallet = given.wallet and accounts.version = given.version_before
  `.execute(tx.as());
  assertAll(numAffectedRows, wallets.length, "wallets");
}

async function insertEntries(tx: Tx, shard: number, changes: ShardChanges): Promise<void> {
  const { entries, position } = changes;
  if (entries.length === 0) return;
  await sql`
    insert into wallet_entries
      (wallet, version, shard, batch, place, transfer, amount, balance_after, at_ms)
    select wallet, version, ${shard}, ${position.batch}, place, transfer, amount, balance_after,
      at_ms
    from unnest(
      ${entries.map(({ wallet }) => wallet)}::text[],
      ${entries.map(({ version }) => version)}::integer[],
      ${entries.map(({ transfer }) => transfer)}::bigint[],
      ${entries.map(({ amount }) => amount)}::bigint[],
      ${entries.map(({ balanceAfter }) => balanceAfter)}::bigint[],
      ${entries.map(({ atMs }) => atMs)}::bigint[]
    ) with ordinality
      as given (wallet, version, transfer, amount, balance_after, at_ms, place)
  `.execute(tx.as());
}

async function saveClearing(
  tx: Tx,
  shard: number,
  clearing: readonly ClearingRecord[],
): Promise<void> {
  if (clearing.length === 0) return;
  const rows = clearing.map((account) => ({ shard, ...account }));
  await tx
    .as<WalletTables>()
    .insertInto("wallet_clearing")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["shard", "peer", "asset"])
        .doUpdateSet((eb) => ({ balance: eb.ref("excluded.balance") })),
    )
    .execute();
}

function assertAll(affected: bigint | undefined, expected: number, what: string): void {
  if (Number(affected ?? 0n) === expected) return;
  throw new Error(`Some ${what} are not in the state the shard has them in.`);
}
