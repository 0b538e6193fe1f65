import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { sql } from "kysely";
import { onEachEngine, onPostgres } from "../../../test/support/database.ts";
import type { Database } from "../../core/database.ts";
import { createMailQueue } from "./mail-queue.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;

const queue = createMailQueue();
let periodMs = Date.parse("2001-01-01T00:00:00Z");

/** A time before that of all other mails, so that only this test's are due. */
function newPeriod(): number {
  periodMs -= 3_600_000;
  return periodMs;
}

async function enqueue(database: Database, nowMs: number, subject = "A subject"): Promise<string> {
  const id = randomUUID();
  const mail = { to: "ada@example.com", subject, text: "Line one\nline two" };
  await database.transaction(WRITE, (tx) => queue.enqueue(tx, id, mail, nowMs));
  return id;
}

function lease(database: Database, nowMs: number, mailsMax = 10) {
  return database.transaction(WRITE, (tx) => queue.lease(tx, nowMs, nowMs + 60_000, mailsMax));
}

onEachEngine("the mail queue", (shared) => {
  test("leases due mails, oldest first, to one node at a time", async () => {
    const database = await shared();
    const nowMs = newPeriod();
    const second = await enqueue(database, nowMs + 2, "second");
    const first = await enqueue(database, nowMs + 1, "first");
    assert.deepEqual(await lease(database, nowMs), []);
    const [mail, ...none] = await lease(database, nowMs + 2, 1);
    assert.deepEqual(none, []);
    assert.deepEqual(mail, {
      id: first,
      to: "ada@example.com",
      subject: "first",
      text: "Line one\nline two",
      attempts: 0,
    });
    assert.deepEqual(
      (await lease(database, nowMs + 2)).map(({ id }) => id),
      [second],
    );
    assert.deepEqual(await lease(database, nowMs + 2), []);
  });

  test("gives a mail whose lease ran out to the next node, counting the try", async () => {
    const database = await shared();
    const nowMs = newPeriod();
    const id = await enqueue(database, nowMs);
    await lease(database, nowMs);
    assert.deepEqual(await lease(database, nowMs + 59_999), []);
    const again = await lease(database, nowMs + 60_000);
    assert.deepEqual(
      again.map((mail) => [mail.id, mail.attempts]),
      [[id, 1]],
    );
  });

  test("forgets a delivered mail, tries a postponed one again, keeps a failed one", async () => {
    const database = await shared();
    const nowMs = newPeriod();
    const [delivered, postponed, failed] = [
      await enqueue(database, nowMs),
      await enqueue(database, nowMs),
      await enqueue(database, nowMs),
    ];
    assert.equal((await lease(database, nowMs)).length, 3);
    await database.transaction(WRITE, async (tx) => {
      await queue.delivered(tx, delivered);
      await queue.postpone(tx, postponed, nowMs + 5_000, "connection refused");
      await queue.postpone(tx, failed, null, "x".repeat(10_000));
    });
    assert.deepEqual(await lease(database, nowMs + 4_999), []);
    assert.deepEqual(
      (await lease(database, nowMs + 5_000)).map(({ id, attempts }) => [id, attempts]),
      [[postponed, 1]],
    );
    assert.deepEqual(await stateOf(database, [delivered]), []);
    const [kept] = await stateOf(database, [failed]);
    assert.equal(kept?.state, "failed");
    assert.equal(kept?.last_error.length, 500);
    const [again] = await stateOf(database, [postponed]);
    assert.equal(again?.last_error, "connection refused");
  });

  test("sends nothing that was rolled back", async () => {
    const database = await shared();
    const nowMs = newPeriod();
    const failing = database.transaction(WRITE, async (tx) => {
      const mail = { to: "ada@example.com", subject: "s", text: "t" };
      await queue.enqueue(tx, randomUUID(), mail, nowMs);
      throw new Error("rolled back");
    });
    await assert.rejects(failing, /rolled back/);
    assert.deepEqual(await lease(database, nowMs), []);
  });
});

onPostgres("the mail queue under concurrency", (shared) => {
  test("leases every mail once, to whoever asks first, without waiting", async () => {
    const database = await shared();
    const nowMs = newPeriod();
    const ids = new Set<string>();
    for (let n = 0; n < 20; n += 1) ids.add(await enqueue(database, nowMs));
    const leases = await Promise.all(Array.from({ length: 5 }, () => lease(database, nowMs, 4)));
    const leased = leases.flat().map(({ id }) => id);
    assert.equal(new Set(leased).size, leased.length);
    const rest = await lease(database, nowMs, 20);
    assert.deepEqual(new Set([...leased, ...rest.map(({ id }) => id)]), ids);
  });
});

async function stateOf(database: Database, ids: readonly string[]) {
  const { rows } = await sql<{ state: string; last_error: string }>`
    select state, last_error from stoa_mails where id = any(${ids}::uuid[])
  `.execute(database.single().as());
  return rows;
}
