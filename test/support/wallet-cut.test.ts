import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { type DatabasePlace, freshPostgres, onPostgres } from "./database.ts";
import { readCut } from "./wallet-cut.ts";

const ONE_WRITE = { isolation: "read committed", readOnly: false } as const;

/** Two ledgers with a wallet of 100 each; of the first one's, 5 are on their way to the other. */
onPostgres("a sum over ledgers while money is on its way", (_database, serverUrl) => {
  let places: [DatabasePlace, DatabasePlace];
  before(async () => {
    places = [await freshPostgres(serverUrl), await freshPostgres(serverUrl)];
    for (const place of places) await place.open().then((database) => database.close());
  });
  after(async () => {
    for (const place of places ?? []) await place[Symbol.asyncDispose]();
  });

  async function change(at: 0 | 1, statements: readonly string[]): Promise<void> {
    const database = await places[at].openEmpty();
    await database
      .transaction(ONE_WRITE, async (tx) => {
        for (const statement of statements) await sql.raw(statement).execute(tx.as());
      })
      .finally(() => database.close());
  }
  const leg = (at: 0 | 1, state: string, posted: number | null) =>
    `insert into wallet_legs (transfer, is_credit, shard, peer, state, wallet, asset, amount,
      posted_amount) values (7, ${at === 1}, ${at}, ${1 - at}, '${state}', '${at}', 'COIN', 5,
      ${posted})`;
  const wallet = (at: 0 | 1, name: string, posted: number) =>
    `insert into wallet_accounts values ('${name}', ${at}, 'COIN', 'open', ${posted}, 0, -1000, 1)`;

  beforeEach(async () => {
    for (const at of [0, 1] as const) {
      const tables = ["wallet_legs", "wallet_accounts", "wallet_clearing", "wallet_shards"];
      await change(at, [
        ...tables.map((table) => `delete from ${table}`),
        `insert into wallet_shards (shard, epoch, batch, head, at_ms, reserved_from)
          values (${at}, 1, 1, '', 0, 0)`,
        wallet(at, `issue:COIN:${at}`, -100),
        wallet(at, String(at), at === 0 ? 95 : 100),
        leg(at, at === 0 ? "posted" : "reserved", at === 0 ? 5 : null),
        ...(at === 0 ? ["insert into wallet_clearing values (0, 1, 'COIN', 5)"] : []),
      ]);
    }
  });

  const read = () => readCut(places[0], places, ["0", "1"]);

  test("counts what one side has posted and the other has not", async () => {
    assert.deepEqual(await read(), { total: 200n, moving: 5n, least: 95n, findings: [] });
    const turned = await readCut(places[0], places.toReversed(), ["0", "1"]);
    assert.deepEqual([turned.total, turned.findings], [200n, []]);
  });

  test("finds money that came from nowhere, in a wallet and between ledgers", async () => {
    await change(1, ["update wallet_accounts set posted = 101 where wallet = '1'"]);
    const { total, findings } = await read();
    assert.deepEqual([total, findings], [201n, ["Ledger 1 sums to 1."]]);
  });

  test("finds a half whose other half was given up, and one that has none", async () => {
    await change(1, ["update wallet_legs set state = 'voided'"]);
    assert.deepEqual((await read()).findings, ["Half of transfer 7 is posted, the other voided."]);
    await change(1, ["delete from wallet_legs"]);
    assert.deepEqual((await read()).findings, ["Half of transfer 7 is posted, the other gone."]);
  });
});
