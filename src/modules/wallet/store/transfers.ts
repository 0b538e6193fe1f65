import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { IdRange } from "../orchestrator/journal.ts";
import type { Decision, TransferRecord } from "../orchestrator/transfer.ts";
import type { WalletTables } from "./tables.ts";

export type TransferRow = WalletTables["wallet_transfers"];

export async function findTransfers(tx: Tx, ids: readonly bigint[]): Promise<TransferRecord[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<TransferRow>`
    select * from wallet_transfers where id = any (${ids}::bigint[]) order by id
  `.execute(tx.as());
  return rows.map(toTransfer);
}

/** Transfers looked at in one statement: one that cannot end keeps all later ones in view. */
const UNFINISHED_WINDOW = 200_000;

async function lastOfWindow(tx: Tx, above: bigint): Promise<bigint> {
  const { rows } = await sql<{ id: bigint }>`
    select id from wallet_transfers where id > ${above}
    order by id offset ${UNFINISHED_WINDOW} limit 1
  `.execute(tx.as());
  return rows[0]?.id ?? MAX_ID;
}

/** Those that have not ended and are no open holds, in the order of their ids. */
export async function listUnfinished(
  tx: Tx,
  { after, upTo = MAX_ID }: IdRange,
  limit: number,
): Promise<TransferRecord[]> {
  // Asked for by itself: of a bound that it does not know the planner expects a third of all rows,
  // and then reads the whole table.
  const cluster = await tx
    .as<WalletTables>()
    .selectFrom("wallet_cluster")
    .select("unfinished_from")
    .executeTakeFirst();
  const from = (cluster?.unfinished_from ?? 0n) - 1n;
  const found: TransferRecord[] = [];
  let above = after > from ? after : from;
  while (above < MAX_ID && found.length < limit) {
    const last = await lastOfWindow(tx, above);
    const { rows } = await sql<TransferRow>`
      select * from wallet_transfers where id > ${above} and id <= ${last}
        and coalesce(bundle, id) <= ${upTo} and finished_ms is null and held_ms is null
      order by id limit ${limit - found.length}
    `.execute(tx.as());
    found.push(...rows.map(toTransfer));
    above = last;
  }
  return found;
}

/** Open holds that their owners have decided, or whose time is over, in the order of their ids. */
export async function listDueHolds(
  tx: Tx,
  { after, nowMs }: { readonly after: bigint; readonly nowMs: number },
  limit: number,
): Promise<TransferRecord[]> {
  const { rows } = await sql<TransferRow>`
    select transfers.* from wallet_open_holds as holds
      join wallet_transfers as transfers on transfers.id = holds.transfer
    where holds.due_ms <= ${nowMs} and holds.transfer > ${after}
    order by holds.transfer limit ${limit}
  `.execute(tx.as());
  return rows.map(toTransfer);
}

/** The id of the newest transfer there is; 0 when there is none. */
export async function newestTransfer(tx: Tx): Promise<bigint> {
  const { rows } = await sql<{ newest: bigint | null }>`
    select max(id) as newest from wallet_transfers
  `.execute(tx.as());
  return rows[0]?.newest ?? 0n;
}

/** The transfers of a wallet that are after this one, from the oldest. */
export async function listTransfers(
  tx: Tx,
  wallet: string,
  page: { readonly after: bigint; readonly limit: number },
): Promise<TransferRecord[]> {
  const { after, limit } = page;
  const { rows } = await sql<TransferRow>`
    (select * from wallet_transfers where from_wallet = ${wallet} and id > ${after}
      order by id limit ${limit})
    union
    (select * from wallet_transfers where to_wallet = ${wallet} and id > ${after}
      order by id limit ${limit})
    order by id limit ${limit}
  `.execute(tx.as());
  return rows.map(toTransfer);
}

/** Those before this one, from the newest; from the newest of all without it. */
export async function listLatest(
  tx: Tx,
  wallet: string,
  page: { readonly before: bigint | undefined; readonly limit: number },
): Promise<TransferRecord[]> {
  const { before = MAX_ID, limit } = page;
  const { rows } = await sql<TransferRow>`
    (select * from wallet_transfers where from_wallet = ${wallet} and id < ${before}
      order by id desc limit ${limit})
    union
    (select * from wallet_transfers where to_wallet = ${wallet} and id < ${before}
      order by id desc limit ${limit})
    order by id desc limit ${limit}
  `.execute(tx.as());
  return rows.map(toTransfer);
}

const MAX_ID = 2n ** 63n - 1n;

/**
 * The owner's decision about a hold whose money is held. Whoever comes first decides.
 *
 * @returns the transfer as it is now, and whether this call decided it
 */
export async function decideHold(
  tx: Tx,
  id: bigint,
  verdict: {
    readonly decision: Decision;
    readonly captured: bigint | null;
    readonly nowMs: number;
  },
): Promise<TransferRecord | null> {
  const { decision, captured, nowMs } = verdict;
  const { rows } = await sql<TransferRow>`
    update wallet_transfers set decision = ${decision}, captured = ${captured},
      code = ${decision === "abort" ? "released" : null}
    where id = ${id} and kind = 'hold' and held_ms is not null and decision is null
      and deadline_ms > ${nowMs}
    returning *
  `.execute(tx.as());
  const [decided] = rows.map(toTransfer);
  if (decided === undefined) return null;
  await sql`update wallet_open_holds set due_ms = 0 where transfer = ${id}`.execute(tx.as());
  return decided;
}

export function toTransfer(row: TransferRow): TransferRecord {
  const { repeat_key: key, request_hash: hash } = row;
  return {
    id: row.id,
    kind: row.kind,
    owner: row.owner,
    repeat: key === null || hash === null ? null : { key, hash },
    bundle: row.bundle,
    from: row.from_wallet,
    to: row.to_wallet,
    fromShard: row.from_shard,
    toShard: row.to_shard,
    asset: row.asset,
    amount: row.amount,
    memo: row.memo,
    reverses: row.reverses,
    deadlineMs: Number(row.deadline_ms),
    initiatedMs: Number(row.initiated_ms),
    heldMs: toNumber(row.held_ms),
    decision: row.decision,
    code: row.code,
    captured: row.captured,
    finishedMs: toNumber(row.finished_ms),
  };
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
