import { type RawBuilder, sql } from "kysely";
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
 * @returns `overtaken` when another node has written later numbers before, and these never can be
 */
export async function insertOrders(
  tx: Tx,
  orders: readonly Order[],
  ids: readonly bigint[],
): Promise<readonly Acceptance[] | "overtaken"> {
  if (!(await takeTurn(tx, ids))) return "overtaken";
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

/**
 * Numbers become visible in their order: whoever writes some waits for whoever is writing, and does
 * not write such as come before those. So a reader who goes on after the last one he has seen
 * misses none.
 *
 * @returns false when these can never be written; true as well when they have been, by an earlier
 * attempt of which nobody knows how it ended
 */
async function takeTurn(tx: Tx, ids: readonly bigint[]): Promise<boolean> {
  const [first, last] = [ids[0] ?? 0n, ids.at(-1) ?? 0n];
  const { rows: turns } = await sql`
    update wallet_turns set newest = ${last} where newest < ${first} or newest = ${last}
    returning newest
  `.execute(tx.as());
  if (turns.length > 0) return true;
  // A statement of its own: it sees what was committed while the one above waited.
  const { rows: written } = await sql`
    select from wallet_transfers where id = any (${ids}::bigint[]) limit 1
  `.execute(tx.as());
  return written.length > 0;
}

/**
 * In one statement, when it is these transfers' turn.
 *
 * @returns the ids of those that were not there; none when later ones are
 */
export function insertInTurn(tx: Tx, transfers: readonly Numbered[]): Promise<bigint[]> {
  const [first, last] = [transfers[0]?.id ?? 0n, transfers.at(-1)?.id ?? 0n];
  const turn = sql`-- prepared: wallet_accept
    with turn as (
      update wallet_turns set newest = ${last} where newest < ${first} returning newest
    )
  `;
  return insertGiven(tx, transfers, turn);
}

/** @returns the ids of those that were not there */
async function insertTransfers(tx: Tx, transfers: readonly Numbered[]): Promise<bigint[]> {
  if (transfers.length === 0) return [];
  const turn = sql`-- prepared: wallet_accept_taken
    with turn as (select 1)
  `;
  return insertGiven(tx, transfers, turn);
}

/** @param turn names a table `turn`: of one row when it is these transfers' turn, of none if not */
async function insertGiven(
  tx: Tx,
  transfers: readonly Numbered[],
  turn: RawBuilder<unknown>,
): Promise<bigint[]> {
  const { rows } = await sql<{ id: bigint }>`
    ${turn}
    insert into wallet_transfers (id, kind, owner, repeat_key, request_hash, bundle, from_wallet,
      to_wallet, from_shard, to_shard, asset, amount, memo, reverses, deadline_ms, initiated_ms)
    select given.* from turn, unnest(
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
    ) as given
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
      select transfers.id, transfers.bundle from unnest(
        ${transfers.map(({ owner }) => owner)}::uuid[],
        ${transfers.map(({ repeat }) => repeat?.key)}::text[]
      ) as given (owner, repeat_key) join wallet_transfers as transfers using (owner, repeat_key)
      union
      select id, bundle from wallet_transfers
      where id = any (${transfers.map(({ id }) => id)}::bigint[])
    )
    select transfers.* from wallet_transfers as transfers join found on transfers.id = found.id
    union
    select members.* from found cross join lateral (
      select * from wallet_transfers where bundle = found.bundle order by id limit ${BUNDLE_MAX}
    ) as members
  `.execute(tx.as());
  return rows.map(toTransfer);
}

/** Transfers of a bundle, and more than there can be. As a bound it keeps the plan to the index. */
const BUNDLE_MAX = 1_000;

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
