import { sql } from "kysely";
import { TransactionConflict, type Tx } from "../../core/database.ts";
import type {
  Claimed,
  RepeatClaim,
  RepeatRecord,
  RepeatStore,
  Settled,
} from "../../core/idempotency.ts";

interface Tables {
  readonly stoa_repeats: {
    key: string;
    fingerprint: string;
    answer: string | null;
    expires_at: Date;
  };
}

export function createRepeatStore(): RepeatStore {
  return { find, takeTurn, record, claim, settle, trim };
}

async function find(tx: Tx, keys: readonly string[], nowMs: number): Promise<Map<string, Settled>> {
  const { rows } = await sql<Settled & { key: string }>`
    select key, fingerprint, answer from stoa_repeats
    where key = any (${keys}::text[]) and expires_at > ${new Date(nowMs)} and answer is not null
  `.execute(tx.as());
  return new Map(rows.map(({ key, ...settled }) => [key, settled]));
}

async function takeTurn(tx: Tx, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`turn ${name}`}, 0))`.execute(tx.as());
}

/** In the order of their keys, so that two transactions never wait for each other in a circle. */
async function record(
  tx: Tx,
  records: readonly RepeatRecord[],
  { nowMs, expiresAtMs }: Pick<RepeatClaim, "nowMs" | "expiresAtMs">,
): Promise<void> {
  if (records.length === 0) return;
  const { numAffectedRows } = await sql`
    insert into stoa_repeats as repeats (key, fingerprint, answer, expires_at)
    select key, fingerprint, answer, ${new Date(expiresAtMs)}::timestamptz
    from unnest(
      ${records.map(({ key }) => key)}::text[],
      ${records.map(({ fingerprint }) => fingerprint)}::text[],
      ${records.map(({ answer }) => answer)}::text[]
    ) as given (key, fingerprint, answer)
    order by key
    on conflict (key) do update set
      fingerprint = excluded.fingerprint, answer = excluded.answer, expires_at = excluded.expires_at
      where repeats.expires_at <= ${new Date(nowMs)} or repeats.answer is null
  `.execute(tx.as());
  if (Number(numAffectedRows ?? 0n) < records.length) {
    throw new TransactionConflict("A repeat of the call was answered meanwhile.");
  }
}

/**
 * The insertion waits for a transaction that holds the same key. If that one committed, its row
 * answers; if it was rolled back, there is no row. An expired claim is taken over, and so is one
 * without an answer, which no transaction that settles what it claims can leave behind.
 */
async function claim(
  tx: Tx,
  { key, fingerprint, nowMs, expiresAtMs }: RepeatClaim,
): Promise<Claimed> {
  const { rows: claims } = await sql`
    insert into stoa_repeats as repeats (key, fingerprint, expires_at)
    values (${key}, ${fingerprint}, ${new Date(expiresAtMs)})
    on conflict (key) do update
      set fingerprint = excluded.fingerprint, expires_at = excluded.expires_at, answer = null
      where repeats.expires_at <= ${new Date(nowMs)} or repeats.answer is null
    returning key
  `.execute(tx.as());
  if (claims.length > 0) return { first: true };
  const settled = await tx
    .as<Tables>()
    .selectFrom("stoa_repeats")
    .select(["fingerprint", "answer"])
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  return { first: false, fingerprint: settled.fingerprint, answer: settled.answer ?? "" };
}

async function settle(tx: Tx, key: string, answer: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .as<Tables>()
    .updateTable("stoa_repeats")
    .set({ answer })
    .where("key", "=", key)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error("Only a claimed key can be settled.");
}

async function trim(tx: Tx, nowMs: number, rowsMax: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from stoa_repeats where key in (
      select key from stoa_repeats
      where expires_at <= ${new Date(nowMs)}
      order by expires_at
      limit ${rowsMax}
      for update skip locked
    )
  `.execute(tx.as());
  return Number(numAffectedRows ?? 0n);
}
