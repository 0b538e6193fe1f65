import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

const FINDINGS_MAX = 20;

/** What the journal says, held against the legs of the shards that this database keeps. */
export async function checkJournal(
  tx: Tx,
): Promise<{ readonly unfinished: number; readonly findings: string[] }> {
  const { rows: counted } = await sql<{ unfinished: string }>`
    select count(*)::text as unfinished from wallet_transfers
    where finished_ms is null and id >= (select unfinished_from from wallet_cluster)
  `.execute(tx.as());
  const { rows } = await sql<{ transfer: bigint; what: string }>`
    with sides as (
      select transfer, count(*) filter (where state = 'posted') as posted,
        count(*) filter (where state = 'reserved') as reserved, count(*) as known
      from wallet_legs group by transfer
    )
    select sides.transfer, case
        when transfers.id is null then 'has legs and is in no journal'
        when transfers.decision = 'commit' then 'went through and is not posted on both sides'
        else 'came to nothing and is posted or reserved'
      end as what
    from sides left join wallet_transfers as transfers on transfers.id = sides.transfer
    where (transfers.id is null and sides.posted + sides.reserved > 0)
      or (transfers.finished_ms is not null and transfers.decision = 'commit'
        and sides.posted < least(sides.known, 2))
      or (transfers.finished_ms is not null and transfers.decision = 'abort'
        and sides.posted + sides.reserved > 0)
    limit ${FINDINGS_MAX}
  `.execute(tx.as());
  return {
    unfinished: Number(counted[0]?.unfinished ?? 0),
    findings: rows.map(({ transfer, what }) => `Transfer ${transfer} ${what}.`),
  };
}
