import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

const FINDINGS_MAX = 20;
/** Legs looked at in one query. */
const LEGS_PAGE = 20_000;

interface JournalCheck {
  readonly unfinished: number;
  /** Whether this database keeps a journal at all, and not a shard alone. */
  readonly hasTransfers: boolean;
  readonly findings: readonly string[];
}

/** What the journal says, held against the legs of the shards that this database keeps. */
export async function checkJournal(tx: Tx): Promise<JournalCheck> {
  const { rows: counted } = await sql<{ unfinished: string; hasTransfers: boolean }>`
    select count(*)::text as unfinished,
      exists (select from wallet_transfers) as "hasTransfers"
    from wallet_transfers
    where finished_ms is null and id >= (select unfinished_from from wallet_cluster)
  `.execute(tx.as());
  const findings: string[] = [];
  let after = 0n;
  while (findings.length < FINDINGS_MAX) {
    const { rows } = await sql<{ transfer: bigint; what: string | null }>`
      with page as (
        select * from wallet_legs where transfer > ${after} order by transfer limit ${LEGS_PAGE}
      ), sides as (
        select transfer, count(*) filter (where state = 'posted') as posted,
          count(*) filter (where state = 'reserved') as reserved, count(*) as known
        from page group by transfer
      )
      select sides.transfer, case
          when transfers.id is null then
            case when sides.posted + sides.reserved > 0 then 'has legs and is in no journal' end
          when transfers.finished_ms is null then null
          when transfers.decision = 'commit' then
            case when sides.posted < 2 then 'went through and is not posted on both sides' end
          when sides.posted + sides.reserved > 0 then 'came to nothing and is posted or reserved'
        end as what
      from sides left join wallet_transfers as transfers on transfers.id = sides.transfer
      order by sides.transfer
    `.execute(tx.as());
    // The last one's other side may be on the next page, so it is looked at there.
    const isLast = rows.length < 2;
    const seen = isLast ? rows : rows.slice(0, -1);
    for (const { transfer, what } of seen) {
      if (what !== null) findings.push(`Transfer ${transfer} ${what}.`);
    }
    const last = seen.at(-1);
    if (isLast || last === undefined) break;
    after = last.transfer;
  }
  return {
    unfinished: Number(counted[0]?.unfinished ?? 0),
    hasTransfers: counted[0]?.hasTransfers ?? false,
    findings,
  };
}
