import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createManualClock, type ManualClock } from "../../test/support/manual-clock.ts";
import { createSeededRandom } from "../../test/support/seeded-random.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { type Database, DatabaseUnavailable, type Tx } from "./database.ts";
import { createIds } from "./ids.ts";
import type { Log } from "./log.ts";
import { createMailDelivery, createMailer, retryDelayMs } from "./mail-delivery.ts";
import {
  type Mail,
  type MailQueue,
  MailRefused,
  type MailTransport,
  type QueuedMail,
} from "./mailer.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAIL: Mail = { to: "ann@example.org", subject: "Hello", text: "Hello Ann" };
const random = createSeededRandom("mail");

type State = "queued" | "delivered" | "failed";

interface Row extends QueuedMail {
  attempts: number;
  dueMs: number;
  state: State;
  reason: string | undefined;
}

/** The queue as a list, with the meaning that the table has. */
function createListQueue() {
  const rows: Row[] = [];
  const rowOf = (id: string) => {
    const row = rows.find((candidate) => candidate.id === id);
    assert.ok(row, `mail ${id} is in the queue`);
    return row;
  };
  const queue: MailQueue = {
    async enqueue(_tx, id, mail, nowMs) {
      rows.push({ ...mail, id, attempts: 0, dueMs: nowMs, state: "queued", reason: undefined });
    },
    async lease(_tx, nowMs, leaseUntilMs, mailsMax) {
      const due = rows.filter(({ state, dueMs }) => state === "queued" && dueMs <= nowMs);
      return due.slice(0, mailsMax).map((row) => {
        row.dueMs = leaseUntilMs;
        row.attempts += 1;
        return { ...row, attempts: row.attempts - 1 };
      });
    },
    async delivered(_tx, id) {
      rowOf(id).state = "delivered";
    },
    async postpone(_tx, id, nextAttemptMs, reason) {
      const row = rowOf(id);
      row.reason = reason;
      if (nextAttemptMs === null) row.state = "failed";
      else row.dueMs = nextAttemptMs;
    },
  };
  return { queue, rows };
}

const tx: Tx = {
  as() {
    throw new Error("the list needs no SQL");
  },
};

/** Runs the work at once, unless the test takes it away. */
function createListDatabase() {
  const control = { down: false, transactions: 0 };
  const database: Database = {
    engine: "pglite",
    async transaction(_options, run) {
      control.transactions += 1;
      if (control.down) throw new DatabaseUnavailable("the test took it away");
      return run(tx);
    },
    statement: (run) => run(tx),
    single: () => tx,
    async ping() {},
    async close() {},
  };
  return { database, control };
}

function setUp(t: TestContext, deliver: MailTransport["deliver"]) {
  const clock = createManualClock(Date.UTC(2025, 0, 1));
  const { queue, rows } = createListQueue();
  const { database, control } = createListDatabase();
  const entries: [level: string, fields: object, message: string][] = [];
  const at = (level: string) => (fields: object, message: string) => {
    entries.push([level, fields, message]);
  };
  const log: Log = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
  };
  const transport: MailTransport = { deliver, async close() {} };
  const parts = { database, queue, transport, clock, random, log };
  const mailer = createMailer({ queue, ids: createIds(clock, random), clock });
  const start = () => {
    const delivery = createMailDelivery(parts);
    delivery.start();
    t.after(async () => {
      const stopped = delivery.stop();
      clock.advance(HOUR_MS);
      await stopped;
    });
    return delivery;
  };
  return { clock, rows, control, entries, mailer, start };
}

/** Turns the clock second by second, and lets what that starts run, until the condition holds. */
async function turnUntil(clock: ManualClock, condition: () => boolean, what: string) {
  for (let seconds = 0; !condition(); seconds++) {
    assert.ok(seconds < 100_000, `more than a day passed in vain for this: ${what}`);
    clock.advance(1_000);
    await new Promise(setImmediate);
  }
}

test("a mail in the queue is delivered once, whether woken or found", async (t) => {
  const sent: string[] = [];
  const { clock, rows, mailer, start } = setUp(t, async ({ subject }) => {
    sent.push(subject);
  });
  await mailer.send(tx, { ...MAIL, subject: "before the start" });
  const delivery = start();
  await waitFor(() => sent.length === 1, { what: "the first mail" });
  await waitFor(() => clock.pending() === 1, { what: "the delivery rests" });
  await mailer.send(tx, { ...MAIL, subject: "woken" });
  delivery.wake();
  await waitFor(() => sent.length === 2, { what: "the second mail, without time passing" });
  await waitFor(() => clock.pending() === 1, { what: "the delivery rests" });
  await mailer.send(tx, { ...MAIL, subject: "found" });
  clock.advance(2_000);
  await waitFor(() => sent.length === 3, { what: "the third mail" });
  await waitFor(() => rows.every(({ state }) => state === "delivered"), { what: "all recorded" });
  assert.deepEqual(sent, ["before the start", "woken", "found"]);
});

test("a call of wake while mails are under way is not forgotten", async (t) => {
  const finish: (() => void)[] = [];
  const { mailer, start } = setUp(t, () => new Promise((resolve) => finish.push(resolve)));
  await mailer.send(tx, MAIL);
  const delivery = start();
  await waitFor(() => finish.length === 1, { what: "the first is under way" });
  await mailer.send(tx, MAIL);
  delivery.wake();
  finish[0]?.();
  await waitFor(() => finish.length === 2, { what: "the second is under way, no time passed" });
  finish[1]?.();
});

test("many mails go out, a bounded number at once", async (t) => {
  let running = 0;
  let runningMax = 0;
  const { rows, mailer, start } = setUp(t, async () => {
    running += 1;
    runningMax = Math.max(runningMax, running);
    await new Promise(setImmediate);
    running -= 1;
  });
  for (let i = 0; i < 50; i++) await mailer.send(tx, MAIL);
  start();
  await waitFor(() => rows.every(({ state }) => state === "delivered"), { what: "all delivered" });
  assert.equal(runningMax, 8);
});

test("what fails is tried again with growing pauses for a day, and then given up", async (t) => {
  const triedMs: number[] = [];
  const { clock, rows, entries, mailer, start } = setUp(t, async () => {
    triedMs.push(clock.nowMs());
    throw Object.assign(new Error("no route to ann@example.org"), { code: "ECONNECTION" });
  });
  await mailer.send(tx, MAIL);
  start();
  await turnUntil(clock, () => rows[0]?.state === "failed", "the mail is given up");
  const pausesMs = triedMs.slice(1).map((ms, i) => ms - (triedMs[i] ?? 0));
  const totalMs = (triedMs.at(-1) ?? 0) - (triedMs[0] ?? 0);
  assert.ok(pausesMs.length > 10, `${pausesMs.length} tries`);
  assert.ok((pausesMs[0] ?? 0) >= 22_500 && (pausesMs[0] ?? 0) <= 35_000, "first pause");
  assert.ok(Math.max(...pausesMs) <= 2 * HOUR_MS + MINUTE_MS, "longest pause");
  assert.ok(totalMs > 16 * HOUR_MS && totalMs <= 24 * HOUR_MS, `${totalMs / HOUR_MS} h`);
  assert.equal(rows[0]?.attempts, triedMs.length);
  assert.equal(rows[0]?.reason, "no route to ann@example.org");
  const last = entries.at(-1);
  assert.deepEqual([last?.[0], last?.[2]], ["error", "a mail was given up"]);
  assert.equal(JSON.stringify(entries).includes("ann@"), false, "addresses stay out of the log");
});

test("a final refusal is given up at once and holds up nobody", async (t) => {
  const sent: string[] = [];
  const { rows, mailer, start } = setUp(t, async ({ to }) => {
    if (to.startsWith("nobody")) throw new MailRefused("550 no such user");
    sent.push(to);
  });
  await mailer.send(tx, { ...MAIL, to: "nobody@example.org" });
  await mailer.send(tx, MAIL);
  start();
  await waitFor(() => rows.every(({ state }) => state !== "queued"), { what: "both settled" });
  assert.deepEqual([rows[0]?.state, rows[1]?.state, sent], ["failed", "delivered", [MAIL.to]]);
});

test("a transport that never answers counts as failed after a bounded time", async (t) => {
  const { clock, rows, mailer, start } = setUp(t, () => new Promise(() => {}));
  await mailer.send(tx, MAIL);
  start();
  await turnUntil(clock, () => rows[0]?.reason !== undefined, "the try is recorded");
  assert.deepEqual([rows[0]?.state, rows[0]?.reason], ["queued", "the delivery took too long"]);
});

test("a node that dies under a delivery leaves the mail to the next, same id", async (t) => {
  const ids: string[] = [];
  let answers = false;
  const { clock, rows, mailer, start } = setUp(t, ({ id }) => {
    ids.push(id);
    return answers ? Promise.resolve() : new Promise(() => {});
  });
  await mailer.send(tx, MAIL);
  const dead = start();
  await waitFor(() => ids.length === 1, { what: "the first node is delivering" });
  const stopped = dead.stop();
  clock.advance(5_000);
  await stopped;
  answers = true;
  start();
  await turnUntil(clock, () => ids.length > 1, "the lease ran out");
  await waitFor(() => rows[0]?.state === "delivered", { what: "it is recorded" });
  assert.deepEqual(ids, [rows[0]?.id, rows[0]?.id]);
});

test("a mail under which every node dies is given up without another try", async (t) => {
  let deliveries = 0;
  const { rows, mailer, start } = setUp(t, async () => {
    deliveries += 1;
  });
  await mailer.send(tx, MAIL);
  await mailer.send(tx, MAIL);
  const [survivor, killer] = rows;
  assert.ok(survivor && killer);
  survivor.attempts = 18;
  killer.attempts = 19;
  start();
  await waitFor(() => rows.every(({ state }) => state !== "queued"), { what: "both settled" });
  assert.deepEqual([survivor.state, killer.state, deliveries], ["delivered", "failed", 1]);
});

test("while the lease lasts, no other node delivers the mail", async (t) => {
  const finish: (() => void)[] = [];
  const { clock, mailer, start } = setUp(t, () => new Promise((resolve) => finish.push(resolve)));
  await mailer.send(tx, MAIL);
  start();
  await waitFor(() => finish.length === 1, { what: "the first node is delivering" });
  start();
  for (let seconds = 0; seconds < 55; seconds++) {
    clock.advance(1_000);
    await new Promise(setImmediate);
  }
  assert.equal(finish.length, 1);
  finish[0]?.();
});

test("without its database the delivery waits, and goes on when it is back", async (t) => {
  const sent: string[] = [];
  const { clock, rows, control, entries, mailer, start } = setUp(t, async ({ id }) => {
    sent.push(id);
  });
  await mailer.send(tx, MAIL);
  control.down = true;
  start();
  await turnUntil(clock, () => control.transactions >= 6, "several looks at the queue");
  assert.ok(clock.nowMs() - Date.UTC(2025, 0, 1) > 50_000, "the looks become rarer");
  assert.equal(entries.filter(([level]) => level === "warn").length, 1, "it is said once");
  control.down = false;
  await turnUntil(clock, () => rows[0]?.state === "delivered", "the mail is delivered");
  assert.equal(sent.length, 1);
});

test("a delivery that cannot be recorded at first is recorded later, not repeated", async (t) => {
  let deliveries = 0;
  const { clock, rows, control, mailer, start } = setUp(t, async () => {
    deliveries += 1;
    control.down = true;
  });
  await mailer.send(tx, MAIL);
  start();
  await waitFor(() => control.transactions === 2, { what: "the first record fails" });
  control.down = false;
  await turnUntil(clock, () => rows[0]?.state === "delivered", "it is recorded");
  assert.equal(deliveries, 1);
});

test("stopping waits for what is under way, and takes nothing more", async (t) => {
  const finish: (() => void)[] = [];
  const { rows, mailer, start } = setUp(t, () => new Promise((resolve) => finish.push(resolve)));
  await mailer.send(tx, MAIL);
  const delivery = start();
  await waitFor(() => finish.length === 1, { what: "a mail is under way" });
  await mailer.send(tx, MAIL);
  delivery.wake();
  let stopped = false;
  const stopping = delivery.stop().then(() => {
    stopped = true;
  });
  await new Promise(setImmediate);
  assert.equal(stopped, false);
  finish[0]?.();
  await stopping;
  assert.deepEqual(
    rows.map(({ state }) => state),
    ["delivered", "queued"],
  );
});

test("the mailer refuses what could not be sent as one mail to one person", async () => {
  const clock = createManualClock(0);
  const { queue, rows } = createListQueue();
  const mailer = createMailer({ queue, ids: createIds(clock, random), clock });
  for (const part of [
    { to: "ann@example.org\r\nBcc: eve@example.org" },
    { to: "ann@example.org,eve@example.org" },
    { subject: "a\nb" },
  ]) {
    await assert.rejects(mailer.send(tx, { ...MAIL, ...part }), MailRefused);
  }
  assert.equal(rows.length, 0);
  await mailer.send(tx, { ...MAIL, to: "аня+кино@почта.рф" });
  assert.equal(rows.length, 1);
});

test("pauses double up to two hours and end within a day, however the dice fall", () => {
  for (const seed of [1, 2, 3]) {
    const dice = createSeededRandom(seed);
    let totalMs = 0;
    let failures = 1;
    for (; ; failures++) {
      const delayMs = retryDelayMs(failures, dice);
      if (delayMs === null) break;
      const fullMs = Math.min(2 * HOUR_MS, 30_000 * 2 ** (failures - 1));
      assert.ok(delayMs <= fullMs && delayMs >= fullMs * 0.75, `${failures}: ${delayMs}`);
      totalMs += delayMs;
    }
    assert.ok(totalMs <= 24 * HOUR_MS && totalMs >= 16 * HOUR_MS);
    assert.equal(failures, 19);
  }
});
