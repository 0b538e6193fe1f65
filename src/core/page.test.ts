import assert from "node:assert/strict";
import { test } from "node:test";
import { readPage } from "./page.ts";

test("a page tells its last row when more follow, not when it is just full", async () => {
  const read = async (count: number) => ["a", "b", "c"].slice(0, count);
  assert.deepEqual(await readPage(2, read), { rows: ["a", "b"], last: "b" });
  assert.deepEqual(await readPage(3, read), { rows: ["a", "b", "c"], last: undefined });
  assert.deepEqual(await readPage(4, read), { rows: ["a", "b", "c"], last: undefined });
  assert.deepEqual(await readPage(1, async () => []), { rows: [], last: undefined });
});
