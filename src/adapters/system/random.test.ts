import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "./random.ts";

test("every draw has its length and none repeats, across many pools", () => {
  const seen = new Set<string>();
  for (let draw = 0; draw < 5_000; draw += 1) {
    const bytes = systemRandom.bytes(16);
    assert.equal(bytes.length, 16);
    seen.add(Buffer.from(bytes).toString("hex"));
  }
  assert.equal(seen.size, 5_000);
  for (const count of [0, 1, 63, 64, 65, 5_000]) {
    assert.equal(systemRandom.bytes(count).length, count);
  }
});

test("a draw belongs to the caller: later draws do not change it", () => {
  const first = systemRandom.bytes(32);
  const copy = Uint8Array.from(first);
  for (let draw = 0; draw < 500; draw += 1) systemRandom.bytes(32).fill(7);
  assert.deepEqual(first, copy);
});
