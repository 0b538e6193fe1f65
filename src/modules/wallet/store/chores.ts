import { type Selectable, sql } from "kysely";
import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Scope, UnitOfWork } from "../../../core/unit-of-work.ts";
import type { Chore, ChoreOperation, ChoreStore } from "../orchestrator/chore.ts";
import type { Refusal } from "../shard/protocol.ts";
import type { WalletTables } from "./tables.ts";

type Row = Selectable<WalletTables["wallet_chores"]>;

function toChore({ id, number, shard, operation, done_at: doneAt, refusal }: Row): Chore {
  return { id, number, shard, operation, isDone: doneAt !== null, refusal };
}

export interface ChoreStoreParts {
  readonly work: () => UnitOfWork;
  readonly clock: Clock;
  /** Called in the transaction that records that it was done. */
  readonly announce: (scope: Scope, wallet: string) => Promise<void>;
}

/** Chores in the service's own database. */
export function createChoreStore({ work, clock, announce }: ChoreStoreParts): ChoreStore {
  return {
    open: (countMax) => work().single((tx) => listOpenChores(tx, countMax)),
    find: (id) => work().single((tx) => findChore(tx, id)),
    async end({ id, operation }, refusal) {
      const nowMs = clock.nowMs();
      const end = async (scope: Scope) => {
        const isFirst = await endChore(scope.tx, id, { refusal, nowMs });
        if (isFirst && refusal === null) await announce(scope, operation.wallet);
      };
      await work().write(end, { repeatable: true });
    },
  };
}

export async function insertChore(
  tx: Tx,
  chore: {
    readonly id: string;
    readonly shard: number;
    readonly operation: ChoreOperation;
    readonly nowMs: number;
  },
): Promise<void> {
  const { id, shard, operation, nowMs } = chore;
  await tx
    .as<WalletTables>()
    .insertInto("wallet_chores")
    .values({
      id,
      shard,
      operation: JSON.stringify(operation) as never,
      created_at: new Date(nowMs),
      done_at: null,
      refusal: null,
    })
    .execute();
}

async function findChore(tx: Tx, id: string): Promise<Chore | null> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_chores")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : toChore(row);
}

/** Those that wait, in their order; of each shard at most so many. */
export async function listOpenChores(tx: Tx, countMax: number): Promise<Chore[]> {
  const { rows } = await sql<Row>`
    select chores.* from wallet_cluster
      cross join generate_series(0, wallet_cluster.shards - 1) as given (shard)
      cross join lateral (
        select * from wallet_chores where done_at is null and shard = given.shard
        order by number limit ${countMax}
      ) as chores
    order by chores.number
  `.execute(tx.as());
  return rows.map(toChore);
}

/** @returns false when it was ended before */
async function endChore(
  tx: Tx,
  id: string,
  { refusal, nowMs }: { readonly refusal: Refusal | null; readonly nowMs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .as<WalletTables>()
    .updateTable("wallet_chores")
    .set({ done_at: new Date(nowMs), refusal })
    .where("id", "=", id)
    .where("done_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Forgets those that were done before the time, at most so many; answers how many. */
export async function trimChores(tx: Tx, beforeMs: number, countMax: number): Promise<number> {
  const { numDeletedRows } = await tx
    .as<WalletTables>()
    .deleteFrom("wallet_chores")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("wallet_chores")
        .select("id")
        .where("done_at", "<", new Date(beforeMs))
        .limit(countMax),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
