import { sql } from "kysely";
import type { Database } from "../../src/core/database.ts";
import type { DatabasePlace } from "./database.ts";

/** A sum over all ledgers while money is on its way, and what is wrong with it. */
export interface Cut {
  /** What the wallets have, and what one side has posted and the other has not. */
  readonly total: bigint;
  /** Of it, what is on its way. */
  readonly moving: bigint;
  /** What the poorest wallet can spend. */
  readonly least: bigint;
  readonly findings: readonly string[];
}

interface Side {
  readonly transfer: string;
  readonly isCredit: boolean;
  /** The other side's shard. */
  readonly peer: number;
  readonly state: "reserved" | "posted" | "voided" | "refused";
  readonly amount: bigint;
}

interface Moment {
  readonly shards: ReadonlySet<number>;
  readonly sides: ReadonlyMap<string, Side>;
  readonly posted: bigint;
  readonly least: bigint;
  /** What the ledger's wallets and clearing accounts sum to. */
  readonly books: bigint;
}

const SNAPSHOT = { isolation: "repeatable read", readOnly: true } as const;
/** Transfers looked at below the newest, for such as were numbered and not yet written down. */
const STRAGGLERS = 10_000;

/**
 * Reads each ledger at one moment of its own, the ones after the others, and sums up. A transfer
 * counts for its payer until his side is posted, for the payee once hers is, and in between for
 * nobody: that is what is moving, counted from the legs of these moments, not from the clearing
 * accounts. It is right however far apart the moments are. As both sides are reserved for good
 * before one is posted, a side that was posted at an earlier moment has its other one reserved or
 * posted at any later moment, and no moment shows one posted and the other given up.
 *
 * @param wallets whose sum is known
 */
export async function readCut(
  journal: DatabasePlace,
  ledgers: readonly DatabasePlace[],
  wallets: readonly string[],
): Promise<Cut> {
  const floor = await within(journal, floorOf);
  const moments: Moment[] = [];
  for (const ledger of ledgers) {
    moments.push(await within(ledger, (database) => readMoment(database, floor, wallets)));
  }
  const moving = moments.reduce((sum, { sides }) => sum + unmatched(sides), 0n);
  const unbalanced = moments.flatMap(({ books }, at) =>
    books === 0n ? [] : [`Ledger ${at} sums to ${books}.`],
  );
  return {
    total: moments.reduce((sum, { posted }) => sum + posted, 0n) + moving,
    moving,
    least: moments.reduce((least, moment) => (moment.least < least ? moment.least : least), TOP),
    findings: [...unbalanced, ...contradictions(moments)],
  };
}

const TOP = 10n ** 18n;

async function within<T>(place: DatabasePlace, read: (database: Database) => Promise<T>) {
  const database = await place.openEmpty();
  return read(database).finally(() => database.close());
}

/** Transfers before this one have ended. */
async function floorOf(database: Database): Promise<bigint> {
  const { rows } = await sql<{ floor: string }>`
    select least(
      (select min(id) from wallet_transfers where finished_ms is null),
      (select coalesce(max(id), 0) - ${STRAGGLERS}::bigint from wallet_transfers)
    )::text as floor
  `.execute(database.single().as());
  return BigInt(rows[0]?.floor ?? 0);
}

function readMoment(
  database: Database,
  floor: bigint,
  wallets: readonly string[],
): Promise<Moment> {
  return database.transaction(SNAPSHOT, async (tx) => {
    const { rows } = await sql<{ posted: string; least: string | null; books: string }>`
      select coalesce(sum(posted) filter (where wallet = any (${wallets}::text[])), 0)::text
          as posted,
        (min(least(posted, posted - held)) filter (where wallet = any (${wallets}::text[])))::text
          as least,
        (sum(posted) + (select coalesce(sum(balance), 0) from wallet_clearing))::text as books
      from wallet_accounts
    `.execute(tx.as());
    const { rows: legs } = await sql<Omit<Side, "amount"> & { amount: string }>`
      select transfer::text, is_credit as "isCredit", peer, state,
        coalesce(posted_amount, amount)::text as amount
      from wallet_legs
      where transfer >= ${floor} and not (peer is null and state in ('posted', 'refused'))
    `.execute(tx.as());
    const { rows: shards } = await sql<{ shard: number }>`
      select shard from wallet_shards
    `.execute(tx.as());
    const sides = legs.map(
      (leg) => [sideKey(leg), { ...leg, amount: BigInt(leg.amount) }] as const,
    );
    const [row] = rows;
    return {
      shards: new Set(shards.map(({ shard }) => shard)),
      sides: new Map(sides),
      posted: BigInt(row?.posted ?? 0),
      least: row?.least === null ? TOP : BigInt(row?.least ?? 0),
      books: BigInt(row?.books ?? 0),
    };
  });
}

const sideKey = ({ transfer, isCredit }: Pick<Side, "transfer" | "isCredit">) =>
  `${transfer} ${isCredit ? "in" : "out"}`;
const otherKey = ({ transfer, isCredit }: Side) => sideKey({ transfer, isCredit: !isCredit });

/** What these sides took out and did not put in; sides of one transfer in one ledger cancel. */
function unmatched(sides: ReadonlyMap<string, Side>): bigint {
  let sum = 0n;
  for (const { state, isCredit, amount } of sides.values()) {
    if (state === "posted") sum += isCredit ? -amount : amount;
  }
  return sum;
}

/** Posted halves whose other half is given up, or is not there at a moment as late. */
function contradictions(moments: readonly Moment[]): string[] {
  return moments.flatMap(({ sides }, at) =>
    [...sides.values()].flatMap((side) => {
      if (side.state !== "posted") return [];
      const elsewhere = moments.findIndex(({ shards }) => shards.has(side.peer));
      const other = moments[elsewhere]?.sides.get(otherKey(side));
      const isMissing = other === undefined && elsewhere >= at;
      const isGivenUp = other?.state === "voided" || other?.state === "refused";
      if (!isMissing && !isGivenUp) return [];
      return [`Half of transfer ${side.transfer} is posted, the other ${other?.state ?? "gone"}.`];
    }),
  );
}
