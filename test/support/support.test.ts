import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "./manual-clock.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { waitFor } from "./wait-for.ts";

test("the manual clock runs timers by due time, those that timers set included", () => {
  const clock = createManualClock(1_000);
  const ran: string[] = [];
  const note = (name: string) => ran.push(`${name}@${clock.nowMs()}`);
  clock.after(30, () => note("late"));
  clock.after(10, () => {
    note("early");
    clock.after(10, () => note("nested"));
  });
  clock.after(30, () => note("late, set second"));
  const cancelled = clock.after(5, () => note("cancelled"));
  cancelled.cancel();
  clock.advance(29);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs(), clock.pending()], [1_029, 29, 2]);
  clock.advance(1);
  assert.deepEqual(ran, ["early@1010", "nested@1020", "late@1030", "late, set second@1030"]);
});

test("a jump of the wall clock moves no timer and no duration", () => {
  const clock = createManualClock(1_000);
  let ran = false;
  clock.after(10, () => {
    ran = true;
  });
  clock.jump(-500);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs(), ran], [500, 0, false]);
  clock.advance(10);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs(), ran], [510, 10, true]);
});

test("a seed repeats its bytes, however they are asked for, and another seed differs", () => {
  const bytes = (seed: number, ...counts: number[]) => {
    const random = createSeededRandom(seed);
    return Buffer.concat(counts.map((count) => random.bytes(count))).toString("hex");
  };
  assert.equal(bytes(1, 100), bytes(1, 1, 31, 33, 0, 35));
  assert.notEqual(bytes(1, 100), bytes(2, 100));
});

test("waiting ends with the value, with the condition's error, or at the deadline", async () => {
  let polls = 0;
  assert.equal(await waitFor(() => (++polls === 3 ? "value" : null), { what: "a value" }), "value");
  await assert.rejects(
    waitFor(() => Promise.reject(new TypeError("broken")), { what: "nothing" }),
    TypeError,
  );
  const vain = { what: "pigs fly", timeoutMs: 20 };
  await assert.rejects(
    waitFor(() => false, vain),
    /pigs fly/,
  );
  await assert.rejects(
    waitFor(() => new Promise<true>(() => {}), vain),
    /pigs fly/,
  );
});
