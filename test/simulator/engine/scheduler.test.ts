import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "./dice.ts";
import { Scheduler } from "./scheduler.ts";

test("events run by their time, and those of one time in the order they were set", async () => {
  const scheduler = new Scheduler();
  const ran: string[] = [];
  const dice = new Dice(7);
  const delays = Array.from({ length: 300 }, () => dice.below(20));
  for (const [index, delay] of delays.entries()) {
    scheduler.after(delay, "one", () => void ran.push(`${delay} ${index}`));
  }
  await scheduler.runUntil(() => ran.length === delays.length, 1_000);
  const expected = [...delays.entries()]
    .sort(([at, a], [bt, b]) => a - b || at - bt)
    .map(([index, delay]) => `${delay} ${index}`);
  assert.deepEqual(ran, expected);
  assert.equal(scheduler.elapsedMs, Math.max(...delays));
});

test("a cancelled event does not run, and neither does time for it", async () => {
  const scheduler = new Scheduler();
  const ran: string[] = [];
  scheduler.after(1, "kept", () => void ran.push("kept"));
  scheduler.after(9, "cancelled", () => void ran.push("cancelled")).cancel();
  await assert.rejects(
    scheduler.runUntil(() => false, 100),
    /Nothing is left/,
  );
  assert.deepEqual(ran, ["kept"]);
  assert.equal(scheduler.elapsedMs, 1);
});

test("everything an event sets going has come to rest before the next one runs", async () => {
  const scheduler = new Scheduler();
  const ran: string[] = [];
  scheduler.after(1, "first", () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await undefined;
      ran.push("what the first set going");
    })();
  });
  scheduler.after(1, "second", () => void ran.push("second"));
  await scheduler.runUntil(() => ran.length === 2, 10);
  assert.deepEqual(ran, ["what the first set going", "second"]);
});

test("a run that does not end is ended", async () => {
  const scheduler = new Scheduler();
  const again = () => void scheduler.after(1, "again", again);
  again();
  await assert.rejects(
    scheduler.runUntil(() => false, 50),
    /within 50 events/,
  );
});

test("dice of one seed throw the same, and of two seeds something else", () => {
  const throws = (dice: Dice) => Array.from({ length: 50 }, () => dice.below(1_000)).join();
  assert.equal(throws(new Dice(3, "a")), throws(new Dice(3, "a")));
  assert.notEqual(throws(new Dice(3, "a")), throws(new Dice(4, "a")));
  assert.notEqual(throws(new Dice(3, "a")), throws(new Dice(3, "b")));
  const dice = new Dice(1);
  const sides = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < 6_000; at += 1) sides[dice.below(6)]! += 1;
  assert.ok(
    sides.every((count) => count > 800 && count < 1_200),
    sides.join(),
  );
});
