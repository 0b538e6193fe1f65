import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { sql } from "kysely";
import { onEachEngine, onPostgres } from "../../../test/support/database.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Database, Tx } from "../../core/database.ts";
import type { NewEvent } from "../../core/event-log.ts";
import { createEventLog } from "./event-log.ts";

const WRITE = { isolation: "read committed", readOnly: false } as const;
const READ = { isolation: "repeatable read", readOnly: true } as const;
const NOW_MS = Date.parse("2026-05-01T12:00:00Z");
const ALL = 1_000;

const eventLog = createEventLog();

function newTopic(): string {
  return `test.${randomUUID()}`;
}

function append(database: Database, events: readonly NewEvent[], nowMs = NOW_MS) {
  return database.transaction(WRITE, (tx) => eventLog.append(tx, events, nowMs));
}

function range(database: Database, topic: string, after = 0, max = ALL) {
  return database.transaction(READ, (tx) => eventLog.range(tx, topic, after, max));
}

function numbered(topic: string, n: number): NewEvent {
  return { topic, type: "test.happened", data: { n } };
}

onEachEngine("the event log", (shared) => {
  test("numbers the events of each topic from 1, in the given order", async () => {
    const database = await shared();
    const [a, b] = [newTopic(), newTopic()];
    const events = [numbered(b, 1), numbered(a, 2), numbered(b, 3), numbered(b, 4)];
    const first = await append(database, events);
    assert.deepEqual(
      first.map(({ topic, offset }) => [topic, offset]),
      [
        [b, 1],
        [a, 1],
        [b, 2],
        [b, 3],
      ],
    );
    const second = await append(database, [numbered(a, 5), numbered(b, 6)]);
    assert.deepEqual(
      second.map(({ offset }) => offset),
      [2, 4],
    );
    assert.deepEqual(
      await range(database, b),
      [...first, ...second].filter(({ topic }) => topic === b),
    );
  });

  test("keeps data as it was given, the order of keys included", async () => {
    const database = await shared();
    const topic = newTopic();
    const data = { z: 'é"\\\n,{}', a: [1, null, { y: 1, b: 2 }], "\u0000": "\u0000", n: 1e21 };
    await append(database, [{ topic, type: "test.happened", data }]);
    const [event] = await range(database, topic);
    assert.equal(JSON.stringify(event?.data), JSON.stringify(data));
  });

  test("appends nothing without events, and forgets what was rolled back", async () => {
    const database = await shared();
    const topic = newTopic();
    assert.deepEqual(await append(database, []), []);
    const failing = database.transaction(WRITE, async (tx) => {
      await eventLog.append(tx, [numbered(topic, 1)], NOW_MS);
      throw new Error("rolled back");
    });
    await assert.rejects(failing, /rolled back/);
    const [event] = await append(database, [numbered(topic, 2)]);
    assert.equal(event?.offset, 1);
  });

  test("reads what comes after an offset, oldest first, no more than asked for", async () => {
    const database = await shared();
    const topic = newTopic();
    await append(
      database,
      Array.from({ length: 12 }, (_, n) => numbered(topic, n)),
    );
    const offsets = async (after: number, max: number) =>
      (await range(database, topic, after, max)).map(({ offset }) => offset);
    assert.deepEqual(await offsets(8, ALL), [9, 10, 11, 12]);
    assert.deepEqual(await offsets(8, 2), [9, 10]);
    assert.deepEqual(await offsets(12, ALL), []);
  });

  test("tells the positions of topics that have any", async () => {
    const database = await shared();
    const [a, b, silent] = [newTopic(), newTopic(), newTopic()];
    await append(database, [numbered(a, 1), numbered(b, 2), numbered(a, 3)]);
    const positions = (topics: string[]) =>
      database.transaction(READ, (tx) => eventLog.positions(tx, topics));
    assert.deepEqual(
      [...(await positions([a, b, silent]))].sort(),
      [
        [a, 2],
        [b, 1],
      ].sort(),
    );
    assert.equal((await positions([])).size, 0);
  });

  test("has one epoch", async () => {
    const database = await shared();
    const read = () => database.transaction(READ, (tx) => eventLog.epoch(tx));
    assert.match(await read(), /^[\w-]{43}$/);
    assert.equal(await read(), await read());
  });

  test("trims what is older, a few at a time, and never counts anew", async () => {
    const database = await shared();
    const topic = newTopic();
    // Older than the events of all other tests, so that trimming takes these alone.
    const oldMs = Date.parse("2001-01-01T00:00:00Z");
    const trim = (max: number) =>
      database.transaction(WRITE, (tx) => eventLog.trim(tx, oldMs + 10, max));
    for (let n = 0; n < 5; n += 1) await append(database, [numbered(topic, n)], oldMs + n);
    assert.equal(await trim(3), 3);
    assert.deepEqual(
      (await range(database, topic)).map(({ offset }) => offset),
      [4, 5],
    );
    assert.equal(await trim(3), 2);
    assert.equal(await trim(3), 0);
    const [next] = await append(database, [numbered(topic, 6)]);
    assert.equal(next?.offset, 6);
  });
});

onPostgres("the event log under concurrency", (shared) => {
  test("stays gapless, in commit order and free of deadlocks", async () => {
    const database = await shared();
    const topics = Array.from({ length: 4 }, newTopic);
    const rotated = (by: number) => topics.map((_, at) => topics[(at + by) % 4] ?? "");
    const commits: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const events = rotated(n).flatMap((topic) => [numbered(topic, n), numbered(topic, n)]);
        await append(database, n % 2 === 0 ? events : events.reverse());
        commits.push(n);
      }),
    );
    assert.equal(commits.length, 40);
    for (const topic of topics) {
      const events = await range(database, topic);
      assert.deepEqual(
        events.map(({ offset }) => offset),
        Array.from({ length: 80 }, (_, at) => at + 1),
      );
      // Both events of one append are neighbours: appends never interleave.
      for (let at = 0; at < 80; at += 2) assert.deepEqual(events[at]?.data, events[at + 1]?.data);
    }
  });

  test("lets an append wait until the one before it has committed", async () => {
    const database = await shared();
    const topic = newTopic();
    let second: Promise<unknown> | undefined;
    let secondEnded = false;
    await database.transaction(WRITE, async (tx) => {
      await eventLog.append(tx, [numbered(topic, 1)], NOW_MS);
      second = append(database, [numbered(topic, 2)]).finally(() => {
        secondEnded = true;
      });
      await waitFor(() => someoneWaitsForALock(tx), { what: "the second append waits" });
      assert.equal(secondEnded, false);
    });
    await second;
    assert.deepEqual(
      (await range(database, topic)).map(({ data }) => data),
      [{ n: 1 }, { n: 2 }],
    );
  });
});

async function someoneWaitsForALock(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
  `.execute(tx.as());
  return rows[0]?.count === 1n;
}
