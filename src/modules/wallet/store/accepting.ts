import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Acceptance, Order } from "../orchestrator/journal.ts";
import type { TransferRecord, TransferTerms } from "../orchestrator/transfer.ts";
import { plainColumn, textColumn } from "./columns.ts";
import { type TransferRow, toTransfer } from "./transfers.ts";

/** A transfer of an order with the id it gets, and the first one's of those it is decided with. */
interface Numbered extends TransferTerms {
  readonly id: bigint;
  readonly bundle: bigint | null;
}

/**
 * Writes orders into the journal, each once: one whose key is there already is not written, and
 * what it then asked for is looked at instead. The first transfer of an order carries its key; the
 * others follow only when that one was new.
 *
 * @param ids one a transfer, in the order of the orders
 */
export async function insertOrders(
  tx: Tx,
  orders: readonly Order[],
  ids: readonly bigint[],
): Promise<readonly Acceptance[]> {
  const numbered = numberAll(orders, ids);
  const firsts = numbered.flatMap(([first]) => first ?? []);
  const fresh = new Set(await insertTransfers(tx, firsts));
  const followers = numbered.flatMap(([first, ...rest]) =>
    first !== undefined && fresh.has(first.id) ? rest : [],
  );
  await insertTransfers(tx, followers);
  const taken = await claimReversals(tx, firsts, fresh);
  const repeated = firsts.filter(({ id }) => !fresh.has(id));
  const earlier = repeated.length === 0 ? [] : await findEarlier(tx, repeated);
  return numbered.map((transfers) => {
    const [first] = transfers;
    if (first === undefined) throw new Error("An order asks for something.");
    if (taken.has(first.id)) return { outcome: "reversed" };
    return fresh.has(first.id)
      ? { outcome: "accepted", transfers: transfers.map(fromTerms) }
      : meaningOf(first, earlier);
  });
}

/** So many ids of transfers, in their order. */
export async function drawIds(tx: Tx, count: number): Promise<bigint[]> {
  const { rows } = await sql<{ id: bigint }>`
    -- prepared: wallet_draw_ids
    select nextval('wallet_transfer_ids') as id from generate_series(1, ${count})
  `.execute(tx.as());
  return rows.map(({ id }) => id);
}

export function numberAll(orders: readonly Order[], ids: readonly bigint[]): Numbered[][] {
  let at = 0;
  return orders.map(({ transfers }) => {
    const first = ids[at];
    const bundle = transfers.length > 1 ? (first ?? null) : null;
    return transfers.map((terms) => {
      const id = ids[at];
      if (id === undefined) throw new Error("Every transfer has an id.");
      at += 1;
      return { ...terms, id, bundle };
    });
  });
}

/** @returns the ids of those that were not there */
export async function insertTransfers(tx: Tx, transfers: readonly Numbered[]): Promise<bigint[]> {
  if (transfers.length === 0) return [];
  const { rows } = await sql<{ id: bigint }>`
    -- prepared: wallet_accept
    insert into wallet_transfers (id, kind, owner, repeat_key, request_hash, bundle, from_wallet,
      to_wallet, from_shard, to_shard, asset, amount, memo, reverses, deadline_ms, initiated_ms)
    select * from unnest(
      ${plainColumn(transfers, ({ id }) => id)}::bigint[],
      ${textColumn(transfers, ({ kind }) => kind)}::text[],
      ${textColumn(transfers, ({ owner }) => owner)}::uuid[],
      ${textColumn(transfers, ({ repeat }) => repeat?.key)}::text[],
      ${textColumn(transfers, ({ repeat }) => repeat?.hash)}::text[],
      ${plainColumn(transfers, ({ bundle }) => bundle)}::bigint[],
      ${textColumn(transfers, ({ from }) => from)}::text[],
      ${textColumn(transfers, ({ to }) => to)}::text[],
      ${plainColumn(transfers, ({ fromShard }) => fromShard)}::smallint[],
      ${plainColumn(transfers, ({ toShard }) => toShard)}::smallint[],
      ${textColumn(transfers, ({ asset }) => asset)}::text[],
      ${plainColumn(transfers, ({ amount }) => amount)}::bigint[],
      ${textColumn(transfers, ({ memo }) => memo)}::text[],
      ${plainColumn(transfers, ({ reverses }) => reverses)}::bigint[],
      ${plainColumn(transfers, ({ deadlineMs }) => deadlineMs)}::bigint[],
      ${plainColumn(transfers, ({ initiatedMs }) => initiatedMs)}::bigint[]
    )
    on conflict do nothing
    returning id
  `.execute(tx.as());
  return rows.map(({ id }) => id);
}

/**
 * A transfer is reversed once; one whose reversal came to nothing can be reversed again.
 *
 * @returns the ids of those that came too late, which are taken back
 */
async function claimReversals(
  tx: Tx,
  firsts: readonly Numbered[],
  fresh: ReadonlySet<bigint>,
): Promise<ReadonlySet<bigint>> {
  const claims = firsts.filter(({ id, reverses }) => reverses !== null && fresh.has(id));
  const taken = new Set<bigint>();
  for (const { id, reverses } of claims) {
    const { rows } = await sql`
      insert into wallet_reversals as known (original, reversal) values (${reverses}, ${id})
      on conflict (original) do update set reversal = excluded.reversal
      where known.reversal = excluded.reversal or exists (
        select from wallet_transfers where id = known.reversal and decision = 'abort'
      )
      returning original
    `.execute(tx.as());
    if (rows.length > 0) continue;
    taken.add(id);
    await sql`delete from wallet_transfers where id = ${id}`.execute(tx.as());
  }
  return taken;
}

/** Those with the keys of these, or with their very ids, and all they are decided with. */
async function findEarlier(tx: Tx, transfers: readonly Numbered[]): Promise<TransferRecord[]> {
  const { rows } = await sql<TransferRow>`
    with found as (
      select transfers.id from unnest(
        ${transfers.map(({ owner }) => owner)}::uuid[],
        ${transfers.map(({ repeat }) => repeat?.key)}::text[]
      ) as given (owner, repeat_key) join wallet_transfers as transfers using (owner, repeat_key)
      union
      select unnest(${transfers.map(({ id }) => id)}::bigint[])
    )
    select transfers.* from wallet_transfers as transfers join found on transfers.id = found.id
    union
    select transfers.* from wallet_transfers as transfers join found on transfers.bundle = found.id
      and transfers.id between found.id and found.id + ${BUNDLE_SPREAD_MAX}
  `.execute(tx.as());
  return rows.map(toTransfer);
}

/** Ids of a bundle are drawn together: the last is not further from the first than this. */
const BUNDLE_SPREAD_MAX = 100_000;

function meaningOf(asked: Numbered, earlier: readonly TransferRecord[]): Acceptance {
  const own = earlier.find(({ id }) => id === asked.id);
  const first =
    own ??
    earlier.find(({ owner, repeat }) => owner === asked.owner && repeat?.key === asked.repeat?.key);
  if (first === undefined) throw new Error("A transfer is neither new nor there.");
  if (first.repeat?.hash !== asked.repeat?.hash) return { outcome: "mismatch" };
  const transfers = earlier
    .filter(({ id, bundle }) => id === first.id || (bundle !== null && bundle === first.bundle))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { outcome: own === undefined ? "repeated" : "accepted", transfers };
}

/** As it is in the journal right after. */
export function fromTerms(transfer: Numbered): TransferRecord {
  return {
    ...transfer,
    heldMs: null,
    decision: null,
    code: null,
    captured: null,
    finishedMs: null,
  };
}
