import { sql } from "kysely";
import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import { unavailable } from "../../../core/errors.ts";
import type { Scope, UnitOfWork } from "../../../core/unit-of-work.ts";
import type {
  Acceptance,
  JournalCommit,
  JournalStore,
  Lead,
  Order,
} from "../orchestrator/journal.ts";
import type { TransferRecord } from "../orchestrator/transfer.ts";
import { fromTerms, insertInTurn, insertOrders, numberAll } from "./accepting.ts";
import { plainColumn, textColumn } from "./columns.ts";
import { DrawnIds } from "./drawn-ids.ts";
import type { WalletTables } from "./tables.ts";
import { findTransfers, listDueHolds, listUnfinished, newestTransfer } from "./transfers.ts";

export interface JournalStoreParts {
  readonly work: () => UnitOfWork;
  readonly clock: Clock;
  readonly shards: number;
  /** Whether no other process can use the database: whoever led before is gone. */
  readonly isAlone: boolean;
  /**
   * Called in the transaction that records changes of transfers, with what they are then.
   *
   * @param interest grows when somebody begins to follow a wallet
   */
  readonly announce: (
    scope: Scope,
    changed: readonly TransferRecord[],
    interest: bigint,
  ) => Promise<void>;
  /** Whether ends are kept for a webhook. */
  readonly hasWebhook: boolean;
  /** The interest at which nobody follows a wallet; undefined when somebody does or may. */
  readonly quietAt: () => bigint | undefined;
}

/**
 * The database was made for another number of shards, and wallets live where that number put them.
 */
class ShardCountChanged extends Error {
  override readonly name = "ShardCountChanged";
}

/** The journal of transfers in the service's own database. */
export function createJournalStore(parts: JournalStoreParts): JournalStore {
  const { work, clock } = parts;
  const ids = new DrawnIds(work, clock);
  return {
    lead: (node, leaseMs) => lead(parts, node, leaseMs),
    async renew(epoch, leaseMs) {
      return work().write(({ tx }) => setLease(tx, epoch, clock.nowMs() + leaseMs), REPEATABLE);
    },
    async resign(epoch) {
      await work().write(({ tx }) => setLease(tx, epoch, 0), REPEATABLE);
    },
    accept: (orders) => accept(parts, ids, orders),
    record: (commit) => record(parts, commit),
    find: (ids) => work().single((tx) => findTransfers(tx, ids)),
    unfinished: (range, countMax) => work().single((tx) => listUnfinished(tx, range, countMax)),
    dueHolds(after, countMax) {
      const nowMs = clock.nowMs();
      return work().single((tx) => listDueHolds(tx, { after, nowMs }, countMax));
    },
    newest: () => work().single(newestTransfer),
    async forgetBelow(epoch, id) {
      await work().write(async ({ tx }) => {
        await sql`
          update wallet_cluster set unfinished_from = ${id}
          where epoch = ${epoch} and unfinished_from < ${id}
        `.execute(tx.as());
      }, REPEATABLE);
    },
  };
}

const REPEATABLE = { repeatable: true } as const;

async function lead(
  { work, clock, shards, isAlone }: JournalStoreParts,
  node: string,
  leaseMs: number,
): Promise<Lead | null> {
  return work().write(async ({ tx }) => {
    const nowMs = clock.nowMs();
    // A lease that ends later than any can was given by a clock that has been set back since.
    const endsMsMax = nowMs + 2 * leaseMs;
    await sql`
      insert into wallet_cluster (shards, epoch, lease_until_ms, unfinished_from, interest)
      values (${shards}, 0, 0, 0, 0) on conflict do nothing
    `.execute(tx.as());
    const { rows } = await sql<{ epoch: bigint; shards: number }>`
      update wallet_cluster
      set epoch = epoch + 1, leader = ${node}, lease_until_ms = ${nowMs + leaseMs}
      where leader = ${node} or lease_until_ms <= ${nowMs} or lease_until_ms > ${endsMsMax}
        or ${isAlone}
      returning epoch, shards
    `.execute(tx.as());
    const row = rows[0];
    if (row === undefined) return null;
    if (row.shards !== shards) throw new ShardCountChanged(countChanged(row.shards, shards));
    const known = await tx
      .as<WalletTables>()
      .selectFrom("wallet_known_positions")
      .selectAll()
      .execute();
    const positions = new Map(known.map(({ shard, batch, head }) => [shard, { batch, head }]));
    return { epoch: row.epoch, positions };
  }, REPEATABLE);
}

/** @throws ShardCountChanged */
export async function assertShardCount(tx: Tx, shards: number): Promise<void> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_cluster")
    .select("shards")
    .executeTakeFirst();
  if (row !== undefined && row.shards !== shards) {
    throw new ShardCountChanged(countChanged(row.shards, shards));
  }
}

function countChanged(kept: number, given: number): string {
  return (
    `The wallets of this database are spread over ${kept} shards, and ${given} are configured. ` +
    `A wallet is found by its number modulo that of the shards: configure all ${kept} again.`
  );
}

async function setLease(tx: Tx, epoch: bigint, untilMs: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update wallet_cluster set lease_until_ms = ${untilMs} where epoch = ${epoch}
  `.execute(tx.as());
  return numAffectedRows === 1n;
}

/** How often other nodes may be faster, one time after the other, until an order is turned away. */
const OVERTAKEN_MAX = 20;

/**
 * The ids are drawn first: what is written again after a commit nobody knows of is the same.
 *
 * @throws UNAVAILABLE when other nodes leave no room
 */
async function accept(
  { work }: JournalStoreParts,
  drawn: DrawnIds,
  orders: readonly Order[],
): Promise<readonly Acceptance[]> {
  const count = orders.reduce((sum, { transfers }) => sum + transfers.length, 0);
  const isPlain = orders.every(({ transfers: [first, another] }) => {
    return another === undefined && first?.reverses === null;
  });
  for (let overtaken = 0; overtaken < OVERTAKEN_MAX; overtaken += 1) {
    const ids = await drawn.take(count);
    if (isPlain) {
      const numbered = numberAll(orders, ids).flat();
      const written = await work().statement((tx) => insertInTurn(tx, numbered), REPEATABLE);
      if (written.length === numbered.length) {
        return numbered.map((one) => ({ outcome: "accepted", transfers: [fromTerms(one)] }));
      }
    }
    const accepted = await work().write(({ tx }) => insertOrders(tx, orders, ids), REPEATABLE);
    if (accepted !== "overtaken") return accepted;
    await drawn.overtaken();
  }
  throw unavailable();
}

async function record(
  parts: JournalStoreParts,
  commit: JournalCommit,
): Promise<"fenced" | readonly TransferRecord[]> {
  const quietAt = parts.quietAt();
  const isRecorded = quietAt !== undefined && (await recordQuietly(parts, commit, quietAt));
  return isRecorded ? [] : recordAndAnnounce(parts, commit);
}

/**
 * The same in one statement, while nobody is to hear of it.
 *
 * @returns whether all is recorded; otherwise some of it may be, and somebody else leads, follows,
 * or has decided
 */
async function recordQuietly(
  { work, hasWebhook }: JournalStoreParts,
  commit: JournalCommit,
  quietAt: bigint,
): Promise<boolean> {
  const written = await work().statement(
    (tx) => writeEntries(tx, { ...commit, hasWebhook }, quietAt),
    REPEATABLE,
  );
  return written === commit.entries.length;
}

/** @returns how many transfers were written; see `wallet_record` in the migration */
async function writeEntries(
  tx: Tx,
  { epoch, entries, positions, hasWebhook }: JournalCommit & { readonly hasWebhook: boolean },
  interest: bigint,
): Promise<number> {
  const { rows } = await sql<{ recorded: bigint }>`
    -- prepared: wallet_record
    select wallet_record(
      ${epoch}, ${interest}, ${hasWebhook},
      ${plainColumn(entries, ({ id }) => id)},
        ${plainColumn(entries, ({ heldMs }) => heldMs)},
      ${textColumn(entries, ({ decision }) => decision)},
      ${textColumn(entries, ({ code }) => code)},
      ${plainColumn(entries, ({ finishedMs }) => finishedMs)},
      ${plainColumn(positions.keys(), (shard) => shard)},
        ${plainColumn(positions.values(), ({ batch }) => batch)},
      ${textColumn(positions.values(), ({ head }) => head)}
    ) as recorded
  `.execute(tx.as());
  return Number(rows[0]?.recorded ?? 0n);
}

async function recordAndAnnounce(
  { work, announce, hasWebhook }: JournalStoreParts,
  { epoch, entries, positions }: JournalCommit,
): Promise<"fenced" | readonly TransferRecord[]> {
  return work().write(async ({ tx, events }) => {
    // Shared: whoever wants to lead, or to hear of changes, waits for this commit.
    const { rows: leading } = await sql<{ interest: bigint }>`
      select interest from wallet_cluster where epoch = ${epoch} for share
    `.execute(tx.as());
    const [cluster] = leading;
    if (cluster === undefined) return "fenced" as const;
    await writeEntries(tx, { epoch, entries, positions, hasWebhook }, cluster.interest);
    const transfers = await findTransfers(
      tx,
      entries.map(({ id }) => id),
    );
    await announce({ tx, events }, transfers, cluster.interest);
    const asked = new Map(entries.map((entry) => [entry.id, entry]));
    return transfers.filter(({ id, decision }) => {
      const entry = asked.get(id);
      const goesOn = entry?.decision !== undefined || entry?.heldMs !== undefined;
      return goesOn && decision !== null && decision !== entry.decision;
    });
  }, REPEATABLE);
}
