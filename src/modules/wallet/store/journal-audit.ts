import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Decision } from "../orchestrator/transfer.ts";
import { legKey } from "../shard/changes.ts";
import type { Side } from "../shard/protocol.ts";
import { LEGS_PAGE_MAX, type LedgerReader, type LegMark } from "../shard/reader.ts";
import type { LegKey } from "../shard/records.ts";
import type { Reading } from "./local-reader.ts";

/** Sentences in one report. */
const FINDINGS_MAX = 20;
/** Transfers of the journal that are held against their legs at once. */
const TRANSFERS_PAGE = 1_000;
/** As large as a transfer's number can be. */
const TRANSFER_MAX = 10n ** 18n - 1n;
const SIDES: readonly Side[] = ["debit", "credit"];

/** Where a journal stands at a moment. */
export interface JournalStanding {
  /** Whether this database keeps a journal at all, and not a shard alone. */
  readonly isKept: boolean;
  /** Transfers on their way, whose money may be between two shards. */
  readonly moving: number;
  /** Holds that wait for their owners: nothing of them is between shards. */
  readonly waiting: number;
  /** The last transfer there is. */
  readonly newest: bigint;
}

/** By the numbers of their shards. */
export type LegReaders = ReadonlyMap<number, Pick<LedgerReader, "legs">>;

export interface LegsCheck {
  /** Shards of transfers that have ended and whose legs are not among those that can be read. */
  readonly elsewhere: readonly number[];
  readonly findings: readonly string[];
}

/** What the journal says of a transfer's legs. */
interface Account {
  readonly id: bigint;
  readonly decision: Decision | null;
  readonly isFinished: boolean;
  /** What is posted when it goes through. */
  readonly due: bigint;
  /** The shards of its sides. */
  readonly debit: number;
  readonly credit: number;
}

export async function readStanding(tx: Tx): Promise<JournalStanding> {
  const { rows } = await sql<
    Record<"moving" | "waiting", string> & { isKept: boolean; newest: bigint }
  >`
    select exists (select from wallet_cluster) as "isKept",
      (select count(*) filter (where due_ms > 0) from wallet_open_holds)::text as waiting,
      ((select count(*) filter (where due_ms = 0) from wallet_open_holds) + (
        select count(*) from wallet_transfers where finished_ms is null and held_ms is null
          and id >= (select unfinished_from from wallet_cluster)
      ))::text as moving,
      coalesce((select max(id) from wallet_transfers), 0) as newest
  `.execute(tx.as());
  const { isKept = false, moving = 0, waiting = 0, newest = 0n } = rows[0] ?? {};
  return { isKept, moving: Number(moving), waiting: Number(waiting), newest };
}

/**
 * Holds what the journal says against the legs of its shards, wherever these are. It goes page by
 * page, and takes as much memory for millions of transfers as for a thousand.
 *
 * Transfers go on meanwhile. Of each page the journal is read first: what it says of a transfer's
 * end is true of the legs at any later time. A leg of no transfer is looked up once more, because
 * transfers are in the journal before they have legs.
 */
export async function checkJournal(reading: Reading, readers: LegReaders): Promise<LegsCheck> {
  const { newest } = await reading.single(readStanding);
  const elsewhere = new Set<number>();
  const findings: string[] = [];
  let after = 0n;
  while (after < TRANSFER_MAX && findings.length < FINDINGS_MAX) {
    const page = await reading.single((tx) => listAccounts(tx, after, newest));
    const last = page.at(-1);
    // Behind the last one there may be legs of no transfer.
    const upTo = last === undefined || page.length < TRANSFERS_PAGE ? TRANSFER_MAX : last.id;
    const check = new PageCheck(page, reading);
    for (const [shard, reader] of readers) await check.read(shard, reader, { after, upTo });
    findings.push(...check.findings());
    for (const { isFinished, debit, credit } of page) {
      for (const shard of isFinished ? [debit, credit] : []) {
        if (!readers.has(shard)) elsewhere.add(shard);
      }
    }
    after = upTo;
  }
  return {
    elsewhere: [...elsewhere].sort((one, other) => one - other),
    findings: findings.slice(0, FINDINGS_MAX),
  };
}

/** Transfers that follow each other in the journal, and what shards have of them. */
class PageCheck {
  readonly #accounts: ReadonlyMap<bigint, Account>;
  readonly #reading: Reading;
  readonly #legs = new Map<string, LegMark>();
  readonly #shards = new Set<number>();
  readonly #strays: string[] = [];

  constructor(page: readonly Account[], reading: Reading) {
    this.#accounts = new Map(page.map((account) => [account.id, account]));
    this.#reading = reading;
  }

  /** Takes in what the shard has of transfers after the one and up to the other. */
  async read(
    shard: number,
    reader: Pick<LedgerReader, "legs">,
    { after, upTo }: { readonly after: bigint; readonly upTo: bigint },
  ): Promise<void> {
    this.#shards.add(shard);
    let last: LegKey = { transfer: after, side: "credit" };
    while (this.#strays.length < FINDINGS_MAX) {
      const legs = await reader.legs({ after: last, upTo, limit: LEGS_PAGE_MAX });
      await this.#sort(shard, legs);
      const next = legs.at(-1);
      if (next === undefined || legs.length < LEGS_PAGE_MAX) return;
      last = { transfer: next.transfer, side: next.side };
    }
  }

  /** Sentences about what does not agree. */
  findings(): string[] {
    // Not all legs have been read then.
    if (this.#strays.length >= FINDINGS_MAX) return this.#strays;
    const wrong = [...this.#accounts.values()].flatMap((account) =>
      SIDES.filter((side) => this.#shards.has(account[side])).flatMap((side) => {
        const what = disagreement(
          account,
          side,
          this.#legs.get(legKey({ transfer: account.id, side })),
        );
        return what === undefined ? [] : [`Transfer ${account.id} ${what}.`];
      }),
    );
    return [...this.#strays, ...wrong];
  }

  async #sort(shard: number, legs: readonly LegMark[]): Promise<void> {
    const unknown: LegMark[] = [];
    for (const leg of legs) {
      const account = this.#accounts.get(leg.transfer);
      if (account?.[leg.side] === shard) this.#legs.set(legKey(leg), leg);
      else if (leg.state !== "posted" && leg.state !== "reserved") continue;
      else if (account === undefined) unknown.push(leg);
      else this.#stray(shard, leg, "which is not its shard");
    }
    if (unknown.length === 0) return;
    const ids = unknown.map(({ transfer }) => transfer);
    const known = new Set(await this.#reading.single((tx) => findIds(tx, ids)));
    for (const leg of unknown) {
      if (!known.has(leg.transfer)) this.#stray(shard, leg, "and it is in no journal");
    }
  }

  #stray(shard: number, { transfer, side, state }: LegMark, why: string): void {
    this.#strays.push(`Transfer ${transfer} has its ${side} ${state} on shard ${shard}, ${why}.`);
  }
}

function disagreement(account: Account, side: Side, leg: LegMark | undefined): string | undefined {
  const { decision, isFinished, due } = account;
  const is = leg?.state ?? "missing";
  if (decision === "commit" && isFinished) {
    if (is !== "posted") return `went through, and its ${side} is ${is}`;
    if (leg?.postedAmount === due) return undefined;
    return `went through with ${due}, and its ${side} posted ${leg?.postedAmount}`;
  }
  const isLeft = is === "posted" || (is === "reserved" && isFinished);
  return decision === "abort" && isLeft ? `came to nothing, and its ${side} is ${is}` : undefined;
}

async function listAccounts(tx: Tx, after: bigint, newest: bigint): Promise<Account[]> {
  const { rows } = await sql<Account>`
    select id, decision, finished_ms is not null as "isFinished",
      coalesce(captured, amount) as due, from_shard as debit, to_shard as credit
    from wallet_transfers where id > ${after} and id <= ${newest}
    order by id limit ${TRANSFERS_PAGE}
  `.execute(tx.as());
  return rows;
}

async function findIds(tx: Tx, ids: readonly bigint[]): Promise<bigint[]> {
  const { rows } = await sql<{ id: bigint }>`
    select id from wallet_transfers where id = any (${ids}::bigint[])
  `.execute(tx.as());
  return rows.map(({ id }) => id);
}
