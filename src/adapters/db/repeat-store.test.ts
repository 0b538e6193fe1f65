import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { sql } from "kysely";
import { onEachEngine, onPostgres } from "../../../test/support/database.ts";
import { type Database, TransactionConflict, type Tx } from "../../core/database.ts";
import type { RepeatClaim } from "../../core/idempotency.ts";
import { createRepeatStore } from "./repeat-store.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;
const NOW_MS = Date.parse("2026-05-01T12:00:00Z");

const store = createRepeatStore();

function newClaim(over: Partial<RepeatClaim> = {}): RepeatClaim {
  const expiresAtMs = NOW_MS + 1_000;
  return { key: randomUUID(), fingerprint: "input", nowMs: NOW_MS, expiresAtMs, ...over };
}

function claimAndSettle(database: Database, claim: RepeatClaim, answer: string) {
  return database.transaction(WRITE, async (tx) => {
    const claimed = await store.claim(tx, claim);
    if (claimed.first) await store.settle(tx, claim.key, answer);
    return claimed;
  });
}

onEachEngine("the store of repeated calls", (shared) => {
  test("answers a repeat with what the first call settled", async () => {
    const database = await shared();
    const claim = newClaim();
    assert.deepEqual(await claimAndSettle(database, claim, "one"), { first: true });
    const repeat = await claimAndSettle(database, { ...claim, fingerprint: "other" }, "two");
    assert.deepEqual(repeat, { first: false, fingerprint: "input", answer: "one" });
  });

  test("gives the key of a call that failed to the next one", async () => {
    const database = await shared();
    const claim = newClaim();
    const failing = database.transaction(WRITE, async (tx) => {
      await store.claim(tx, claim);
      throw new Error("the effect failed");
    });
    await assert.rejects(failing, /the effect failed/);
    assert.deepEqual(await claimAndSettle(database, claim, "one"), { first: true });
  });

  test("gives an expired key away, to the millisecond", async () => {
    const database = await shared();
    const claim = newClaim();
    const later = (nowMs: number) => ({ ...claim, nowMs, expiresAtMs: nowMs + 1_000 });
    await claimAndSettle(database, claim, "one");
    const still = await claimAndSettle(database, later(claim.expiresAtMs - 1), "two");
    assert.equal(still.first, false);
    const expired = await claimAndSettle(database, later(claim.expiresAtMs), "three");
    assert.equal(expired.first, true);
    const repeat = await claimAndSettle(database, later(claim.expiresAtMs + 1), "four");
    assert.deepEqual(repeat, { first: false, fingerprint: "input", answer: "three" });
  });

  test("takes a claim that was committed without an answer for none", async () => {
    const database = await shared();
    const claim = newClaim();
    await database.transaction(WRITE, (tx) => store.claim(tx, claim));
    assert.deepEqual(await claimAndSettle(database, claim, "one"), { first: true });
  });

  test("settles claimed keys only", async () => {
    const database = await shared();
    const settling = database.transaction(WRITE, (tx) => store.settle(tx, randomUUID(), "one"));
    await assert.rejects(settling, /claimed/);
  });

  test("keeps answers that were not claimed, and finds them until they expire", async () => {
    const database = await shared();
    const [one, two] = [newClaim(), newClaim()];
    const records = [one, two].map(({ key, fingerprint }) => ({ key, fingerprint, answer: key }));
    await database.transaction(WRITE, (tx) => store.record(tx, records, one));
    const find = (nowMs: number) =>
      database.transaction(WRITE, (tx) => store.find(tx, [one.key, randomUUID()], nowMs));
    const settled = { fingerprint: "input", answer: one.key };
    assert.deepEqual(await find(one.expiresAtMs - 1), new Map([[one.key, settled]]));
    assert.deepEqual(await find(one.expiresAtMs), new Map());
  });

  test("keeps no second answer of a key, and none of those that come with it", async () => {
    const database = await shared();
    const [known, fresh] = [newClaim(), newClaim()];
    await claimAndSettle(database, known, "one");
    const records = [known, fresh].map(({ key, fingerprint }) => ({
      key,
      fingerprint,
      answer: "",
    }));
    const recording = (times: RepeatClaim) =>
      database.transaction(WRITE, (tx) => store.record(tx, records, times));
    await assert.rejects(recording(known), TransactionConflict);
    const later = { ...known, nowMs: known.expiresAtMs, expiresAtMs: known.expiresAtMs + 1 };
    await recording(later);
  });

  test("trims expired claims, a few at a time", async () => {
    const database = await shared();
    // Expired long before the claims of all other tests, so that trimming takes these alone.
    const oldMs = Date.parse("2001-01-01T00:00:00Z");
    const claims = [1, 2, 3].map((expiresIn) =>
      newClaim({ nowMs: oldMs, expiresAtMs: oldMs + expiresIn }),
    );
    for (const claim of claims) await claimAndSettle(database, claim, "one");
    const trim = (nowMs: number, max: number) =>
      database.transaction(WRITE, (tx) => store.trim(tx, nowMs, max));
    assert.equal(await trim(oldMs + 2, 1), 1);
    assert.equal(await trim(oldMs + 2, 10), 1);
    assert.equal(await trim(oldMs + 2, 10), 0);
    assert.equal(await trim(oldMs + 3, 10), 1);
  });
});

onPostgres("the store of repeated calls under concurrency", (shared) => {
  test("lets one of many through, and the others wait for its answer", async () => {
    const database = await shared();
    const claim = newClaim();
    let effects = 0;
    const once = async (tx: Tx, n: number) => {
      const claimed = await store.claim(tx, claim);
      if (!claimed.first) return claimed.answer;
      effects += 1;
      await sql`select pg_sleep(0.05)`.execute(tx.as());
      await store.settle(tx, claim.key, `answer ${n}`);
      return `answer ${n}`;
    };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => database.transaction(WRITE, (tx) => once(tx, n))),
    );
    assert.equal(effects, 1);
    assert.equal(new Set(answers).size, 1);
  });

  test("lets the next one through when the first fails", async () => {
    const database = await shared();
    const claim = newClaim();
    const attempts = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        database.transaction(WRITE, async (tx) => {
          const claimed = await store.claim(tx, claim);
          await sql`select pg_sleep(0.02)`.execute(tx.as());
          if (claimed.first) throw new Error("the effect failed");
        }),
      ),
    );
    assert.equal(attempts.filter(({ status }) => status === "rejected").length, 4);
  });
});
