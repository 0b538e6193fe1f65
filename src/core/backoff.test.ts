import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseAfter } from "./backoff.ts";

const PAUSES = { first: 100, longest: 1_500 };
const whole = { bytes: (count: number) => new Uint8Array(count) };
const half = { bytes: (count: number) => new Uint8Array(count).fill(255) };

test("pauses double after every failure, up to the longest", () => {
  const pauses = [1, 2, 3, 4, 5, 6, 5_000].map((failures) => pauseAfter(failures, PAUSES, whole));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1_500, 1_500, 1_500]);
});

test("chance takes up to half of a pause away, and no more", () => {
  for (const failures of [1, 3, 2_000]) {
    const [longest, shortest] = [whole, half].map((by) => pauseAfter(failures, PAUSES, by));
    assert.ok(longest !== undefined && shortest !== undefined);
    assert.ok(shortest >= longest / 2 && shortest < longest * 0.501);
  }
});
