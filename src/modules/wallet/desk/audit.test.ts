import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { type DatabasePlace, freshDatabase } from "../../../../test/support/database.ts";
import { createLog } from "../../../adapters/log/pino.ts";
import { systemClock } from "../../../adapters/system/clock.ts";
import type { Database } from "../../../core/database.ts";
import type { Remote } from "../../../core/remote.ts";
import { serveShard } from "../index.ts";
import { LEGS_PAGE_MAX, type ShardAudit } from "../shard/reader.ts";
import { ANSWER_BYTES_MAX } from "../shard/remote-protocol.ts";
import { RemoteShard } from "../shard/remote-shard.ts";
import { checkJournal } from "../store/journal-audit.ts";
import { createLedgerReader, plainReading } from "../store/local-reader.ts";
import { lookTogether } from "./audit.ts";
import { verifyLedgers } from "./verify.ts";

const log = createLog({ level: "silent" });
/** More than one page of the journal; every tenth transfer is within shard 0. */
const TRANSFERS = 2_345;
const ORPHAN = TRANSFERS + 1;
/** More than one page of legs, behind the last transfer. */
const MARKS = LEGS_PAGE_MAX + 100;

/** What somebody has done to the tables of shard 1. */
const DAMAGES = [
  {
    what: "a posted leg of a FAILED transfer",
    statement: `update wallet_legs set state = 'posted', posted_amount = amount
      where transfer = 7`,
    finding: "Transfer 7 came to nothing, and its credit is posted.",
  },
  {
    what: "a reserved leg of an INVALID transfer that has ended",
    statement: "update wallet_legs set state = 'reserved' where transfer = 1007",
    finding: "Transfer 1007 came to nothing, and its credit is reserved.",
  },
  {
    what: "a missing leg of a SUCCESSFUL transfer",
    statement: "delete from wallet_legs where transfer = 2001",
    finding: "Transfer 2001 went through, and its credit is missing.",
  },
  {
    what: "a leg that is not posted, of a SUCCESSFUL transfer",
    statement: `update wallet_legs set state = 'reserved', posted_amount = null
      where transfer = 1001`,
    finding: "Transfer 1001 went through, and its credit is reserved.",
  },
  {
    what: "a leg that posted another amount",
    statement: "update wallet_legs set posted_amount = 4 where transfer = 1",
    finding: "Transfer 1 went through with 5, and its credit posted 4.",
  },
  {
    what: "a leg on a shard that is none of the transfer's",
    statement: `insert into wallet_legs (transfer, is_credit, shard, state, amount)
      values (10, true, 1, 'reserved', 5)`,
    finding: "Transfer 10 has its credit reserved on shard 1, which is not its shard.",
  },
  {
    what: "a reserved leg that is in no journal, among those that are",
    statement: `insert into wallet_legs (transfer, is_credit, shard, state, amount)
      values (${ORPHAN}, false, 1, 'reserved', 5)`,
    finding: `Transfer ${ORPHAN} has its debit reserved on shard 1, and it is in no journal.`,
  },
  {
    what: "a posted leg that is in no journal, behind all others",
    statement: `insert into wallet_legs (transfer, is_credit, shard, state, amount, posted_amount)
      values (999999999999, true, 1, 'posted', 5, 5)`,
    finding: "Transfer 999999999999 has its credit posted on shard 1, and it is in no journal.",
  },
];

describe("the journal is held against the legs", () => {
  const places: DatabasePlace[] = [];
  const databases: Database[] = [];
  const open = async () => {
    const place = await freshDatabase();
    places.push(place);
    const database = await place.open(log);
    databases.push(database);
    return database;
  };
  let journal: Database;
  let elsewhere: Database;
  let remote: RemoteShard;
  const answers: number[] = [];

  before(async () => {
    [journal, elsewhere] = [await open(), await open()];
    const answer = await serveShard(elsewhere, { clock: systemClock, log });
    const far: Remote = {
      async ask({ path, body }) {
        const given = await answer(path, body);
        answers.push(given.body.length);
        return given;
      },
      close: () => {},
    };
    remote = new RemoteShard(far, { shard: 1, shards: 2 });
    await fill(journal, elsewhere);
  });
  after(async () => {
    for (const database of databases) await database.close();
    for (const place of places) await place[Symbol.asyncDispose]();
  });

  /** Shard 0 is where the journal is, shard 1 is a process of its own. */
  const check = () => {
    const reading = plainReading(journal);
    const local = createLedgerReader(() => reading, 0);
    return checkJournal(
      reading,
      new Map([
        [0, local],
        [1, remote],
      ]),
    );
  };

  test("and agrees with them, page by page, also of a shard that is elsewhere", async () => {
    answers.length = 0;
    assert.deepEqual(await check(), { elsewhere: [], findings: [] });
    assert.ok(answers.length > TRANSFERS / 1_000 + MARKS / LEGS_PAGE_MAX, "in pages");
    assert.ok(Math.max(...answers) < ANSWER_BYTES_MAX / 4, `${Math.max(...answers)} bytes`);
  });

  for (const { what, statement, finding } of DAMAGES) {
    test(`and finds ${what}`, async () => {
      await run(elsewhere, "create table kept as select * from wallet_legs");
      await run(elsewhere, statement);
      try {
        assert.deepEqual(await check(), { elsewhere: [], findings: [finding] });
      } finally {
        await run(elsewhere, "delete from wallet_legs");
        await run(elsewhere, "insert into wallet_legs select * from kept");
        await run(elsewhere, "drop table kept");
      }
    });
  }

  test("and finds as much where both are in one database", async () => {
    await run(
      journal,
      "update wallet_legs set state = 'voided', posted_amount = null where transfer = 20",
    );
    const { findings } = await check();
    assert.deepEqual(findings, [
      "Transfer 20 went through, and its debit is voided.",
      "Transfer 20 went through, and its credit is voided.",
    ]);
    await run(
      journal,
      "update wallet_legs set state = 'posted', posted_amount = 5 where transfer = 20",
    );
  });

  test("and many findings end the search before they fill the memory", async () => {
    await run(
      elsewhere,
      "update wallet_legs set shard = 1, state = 'reserved' where state = 'voided'",
    );
    const { findings } = await check();
    assert.equal(findings.length, 20);
    await run(elsewhere, "update wallet_legs set state = 'voided' where state = 'reserved'");
  });

  test("and says which shards are elsewhere, instead of missing their legs", async () => {
    await run(journal, "insert into wallet_shards values (0, 1, 0, '', 0, 0, 0, 0)");
    const { elsewhere: missing, findings, unfinished } = await verifyLedgers(journal);
    assert.deepEqual(
      { missing, findings, unfinished },
      { missing: [1], findings: [], unfinished: 1 },
    );
    const alone = await verifyLedgers(elsewhere);
    assert.deepEqual(alone.findings, [], "a shard's database keeps no journal");
  });
});

/**
 * A journal whose transfers go from shard 0 to shard 1 or stay on shard 0, and end in turn: two in
 * three go through, the third comes to nothing; the last one is on its way. Behind it are marks by
 * which late reservations are refused.
 */
async function fill(journal: Database, elsewhere: Database): Promise<void> {
  await run(
    journal,
    `insert into wallet_cluster (shards, epoch, lease_until_ms, unfinished_from, interest)
    values (2, 1, 0, 0, 0)`,
  );
  await run(
    journal,
    `insert into wallet_transfers (id, kind, owner, from_wallet, to_wallet, from_shard, to_shard,
      asset, amount, captured, deadline_ms, initiated_ms, decision, finished_ms)
    select id, 'hold', '11111111-1111-7111-8111-111111111111', '2', '1', 0,
      case when id % 10 = 0 then 0 else 1 end, 'COIN', 5, case when id % 4 = 2 then 3 end, 1, 1,
      case when id % 1000 = 7 then 'abort' else 'commit' end,
      case when id < ${TRANSFERS} then 1 end
    from generate_series(1, ${TRANSFERS}) as id`,
  );
  const legs = (shard: number, isCredit: boolean, which: string) =>
    `insert into wallet_legs (transfer, is_credit, shard, state, amount, posted_amount)
    select id, ${isCredit}, ${shard},
      case when id = ${TRANSFERS} then 'reserved' when id % 1000 = 7 then 'voided'
        else 'posted' end,
      5, case when id % 1000 <> 7 and id < ${TRANSFERS} then
        case when id % 4 = 2 then 3 else 5 end end
    from generate_series(1, ${TRANSFERS}) as id where ${which}`;
  await run(journal, legs(0, false, "true"));
  await run(journal, legs(0, true, "id % 10 = 0"));
  await run(elsewhere, legs(1, true, "id % 10 <> 0"));
  await run(
    elsewhere,
    `insert into wallet_legs (transfer, is_credit, shard, state, amount)
    select ${ORPHAN} + nth, true, 1, 'voided', 0 from generate_series(1, ${MARKS}) as nth`,
  );
}

async function run(database: Database, statement: string): Promise<void> {
  await database.statement((tx) => sql.raw(statement).execute(tx.as()));
}

test("what is between shards counts only when nothing was on its way meanwhile", async () => {
  const audit = (balance: bigint): ShardAudit => ({
    shard: 0,
    batch: 1n,
    wallets: 1,
    entries: 1,
    sums: [{ asset: "COIN", wallets: -balance, clearing: [{ peer: 1, balance }] }],
    findings: [],
  });
  type Standing = { readonly moving: number; readonly waiting: number; readonly newest: bigint };
  const rest: Standing = { moving: 0, waiting: 1, newest: 9n };
  /** Before each look, and after the last. */
  const look = (balances: readonly bigint[], standings: readonly Standing[]) => {
    const [left, stood] = [[...balances], [...standings]];
    return lookTogether([{ audit: async () => audit(left.shift() ?? 0n) }], async () => {
      return { isKept: true, ...(stood.shift() ?? rest) };
    });
  };
  const apart = ["5 of COIN between 0 and 1 is on its way although nothing is."];
  assert.deepEqual((await look([5n, 5n, 5n], [])).between, apart);
  assert.deepEqual((await look([5n, 5n, 0n], [])).between, [], "it has come to rest");
  for (const [what, standings] of Object.entries({
    "it came and ended meanwhile": [rest, rest, rest, { ...rest, newest: 10n }],
    "it ended meanwhile": [rest, rest, { ...rest, moving: 1 }, rest],
    "it is on its way": [rest, rest, rest, { ...rest, moving: 1 }],
    "a hold was decided and ended meanwhile": [rest, rest, rest, { ...rest, waiting: 0 }],
  })) {
    assert.deepEqual((await look([5n, 5n, 5n], standings)).between, [], what);
  }
});
