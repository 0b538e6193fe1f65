import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { sql } from "kysely";
import { onEachEngine } from "../../../test/support/database.ts";
import {
  type Database,
  type Isolation,
  sqlStateOf,
  type Tx,
  violatedConstraint,
} from "../../core/database.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;

test("a SQLSTATE is told from the codes of sockets", () => {
  const states = ["40001", "XX000", "P0001", "23505", "EPIPE", "ECONNRESET", "57p01", 40001];
  assert.deepEqual(
    states.map((code) => sqlStateOf(Object.assign(new Error("broken"), { code }))),
    [...states.slice(0, 4), undefined, undefined, undefined, undefined],
  );
});

onEachEngine("a database", (shared) => {
  test("answers columns of every type in use as one JavaScript type each", async () => {
    const database = await shared();
    const row = await database.transaction(WRITE, async (tx) => {
      await run(
        tx,
        `create temporary table samples (
          int4 integer, int8 bigint, int8s bigint[], text text, texts text[], boolean boolean,
          uuid uuid, timestamptz timestamptz, date date, json json, jsonb jsonb, bytea bytea,
          numeric numeric, float8 double precision, nothing bigint
        ) on commit drop`,
      );
      await sql`
        insert into samples values (
          ${-7}, ${9_007_199_254_740_993n}, ${[1n, -(2n ** 63n)]}, ${'é"\\\n\u{1f3ad}'},
          ${["a,b", '"', "", "NULL"]}, ${true}, ${"0190f7e4-0000-7000-8000-00000000abcd"},
          ${new Date("2026-03-29T01:30:00.123Z")}, ${"2026-03-29"}, ${'{"b":1,"a":[2]}'},
          ${JSON.stringify([{ a: 1 }])}, ${Buffer.from([0, 255, 128])}, ${"12.50"}, ${0.1}, ${null}
        )
      `.execute(tx.as());
      return (await sql`select * from samples`.execute(tx.as())).rows[0];
    });
    assert.deepEqual(row, {
      int4: -7,
      int8: 9_007_199_254_740_993n,
      int8s: [1n, -(2n ** 63n)],
      text: 'é"\\\n\u{1f3ad}',
      texts: ["a,b", '"', "", "NULL"],
      boolean: true,
      uuid: "0190f7e4-0000-7000-8000-00000000abcd",
      timestamptz: new Date("2026-03-29T01:30:00.123Z"),
      date: "2026-03-29",
      json: { b: 1, a: [2] },
      jsonb: [{ a: 1 }],
      bytea: Buffer.from([0, 255, 128]),
      numeric: "12.50",
      float8: 0.1,
      nothing: null,
    });
  });

  test("counts with bigint and tells time in UTC", async () => {
    const database = await shared();
    const { rows } = await sql`
      select count(*) as count, current_setting('timezone') as zone
    `.execute(database.single().as());
    assert.deepEqual(rows, [{ count: 1n, zone: "UTC" }]);
  });

  for (const isolation of ["read committed", "repeatable read", "serializable"] as const) {
    test(`runs transactions as ${isolation}, read only or not`, async () => {
      const database = await shared();
      for (const readOnly of [true, false]) {
        const found = await database.transaction({ isolation, readOnly }, settingsOf);
        assert.deepEqual(found, { isolation, readOnly: readOnly ? "on" : "off" });
      }
    });
  }

  test("refuses to write in a transaction that only reads", async () => {
    const database = await shared();
    const options = { isolation: "repeatable read", readOnly: true } as const;
    const written = database.transaction(options, (tx) => insertMeta(tx, randomUUID()));
    await assert.rejects(written, (error) => sqlStateOf(error) === "25006");
  });

  test("keeps what was committed and nothing of what threw", async () => {
    const database = await shared();
    const [kept, dropped] = [randomUUID(), randomUUID()];
    assert.equal(
      await database.transaction(WRITE, async (tx) => {
        await insertMeta(tx, kept);
        return "the answer";
      }),
      "the answer",
    );
    const failure = new Error("the work failed");
    const failing = database.transaction(WRITE, async (tx) => {
      await insertMeta(tx, dropped);
      throw failure;
    });
    await assert.rejects(failing, failure);
    assert.deepEqual(await metaOf(database, [kept, dropped]), [kept]);
  });

  test("does not call a transaction committed whose statement failed unnoticed", async () => {
    const database = await shared();
    const key = randomUUID();
    const swallowing = database.transaction(WRITE, async (tx) => {
      await insertMeta(tx, key);
      await run(tx, "select 1 / 0").catch(() => {});
    });
    await assert.rejects(swallowing, /swallowed/);
    assert.deepEqual(await metaOf(database, [key]), []);
  });

  test("closes a transaction's session at its end, whoever kept it", async () => {
    const database = await shared();
    let kept: Tx | undefined;
    const builder = await database.transaction(WRITE, async (tx) => {
      kept = tx;
      return tx.as<Tables>();
    });
    assert.throws(() => kept?.as(), /has ended/);
    await assert.rejects(builder.selectFrom("stoa_meta").selectAll().execute(), /has ended/);
  });

  test("runs statements begun at once one after the other, in order", async () => {
    const database = await shared();
    const keys = Array.from({ length: 20 }, (_, at) => `${randomUUID()}-${at}`);
    const places = await database.transaction(WRITE, async (tx) => {
      await run(tx, "create temporary table steps (place serial, key text) on commit drop");
      const insert = (key: string) => sql`insert into steps (key) values (${key})`.execute(tx.as());
      await Promise.all(keys.map(insert));
      return sql<{ key: string }>`select key from steps order by place`.execute(tx.as());
    });
    assert.deepEqual(
      places.rows.map(({ key }) => key),
      keys,
    );
  });

  test("leaves no trace of a session's settings to the next transaction", async () => {
    const database = await shared();
    await database.transaction(WRITE, (tx) => run(tx, "set local statement_timeout = 1234"));
    const { rows } = await sql<{ value: string }>`
      select current_setting('statement_timeout') as value
    `.execute(database.single().as());
    assert.notEqual(rows[0]?.value, "1234ms");
  });

  test("names the constraint that was violated", async () => {
    const database = await shared();
    const key = randomUUID();
    const twice = database.transaction(WRITE, async (tx) => {
      await insertMeta(tx, key);
      await insertMeta(tx, key);
    });
    await assert.rejects(twice, (error) => {
      assert.equal(violatedConstraint(error), "stoa_meta_pk");
      // What the row holds may be secret, and errors are logged.
      assert.ok(!inspect(error).includes(key));
      return true;
    });
  });

  test("reports a constraint that fails at commit as itself, not as unknown", async () => {
    const database = await shared();
    const late = database.transaction(WRITE, async (tx) => {
      await run(
        tx,
        `create temporary table late (
          id integer constraint late_unique unique deferrable initially deferred
        ) on commit drop`,
      );
      await run(tx, "insert into late values (1), (1)");
    });
    await assert.rejects(late, (error) => violatedConstraint(error) === "late_unique");
  });

  test("has no other way to begin a transaction", async () => {
    const database = await shared();
    const nested = database.transaction(WRITE, (tx) =>
      tx
        .as<Tables>()
        .transaction()
        .execute(async () => {}),
    );
    await assert.rejects(nested, /Database.transaction/);
  });

  test("answers a ping, and tells how many rows a statement changed", async () => {
    const database = await shared();
    await database.ping();
    const key = randomUUID();
    await database.transaction(WRITE, async (tx) => {
      assert.equal((await insertMeta(tx, key)).numAffectedRows, 1n);
      const deleted = await sql`delete from stoa_meta where key = ${key}`.execute(tx.as());
      assert.equal(deleted.numAffectedRows, 1n);
    });
  });
});

interface Tables {
  readonly stoa_meta: { key: string; value: string };
}

function run(tx: Tx, statement: string) {
  return sql.raw(statement).execute(tx.as());
}

function insertMeta(tx: Tx, key: string) {
  return sql`insert into stoa_meta (key, value) values (${key}, '')`.execute(tx.as());
}

/** Those of the keys that are there. */
async function metaOf(database: Database, keys: readonly string[]): Promise<string[]> {
  const rows = await database
    .single()
    .as<Tables>()
    .selectFrom("stoa_meta")
    .select("key")
    .where("key", "in", keys)
    .execute();
  return rows.map(({ key }) => key);
}

async function settingsOf(tx: Tx) {
  const { rows } = await sql<{ isolation: Isolation; readOnly: string }>`
    select current_setting('transaction_isolation') as isolation,
      current_setting('transaction_read_only') as "readOnly"
  `.execute(tx.as());
  return rows[0];
}
