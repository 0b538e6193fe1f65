import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { testDatabase } from "../../../../test/support/database.ts";
import { plainColumn, textColumn } from "./columns.ts";

test("what is written as an array is read as the same one", async () => {
  const database = await testDatabase();
  const texts = [
    "",
    "null",
    "NULL",
    null,
    "a,b",
    "{}",
    '"',
    "\\",
    'a"b\\c',
    " spaced ",
    "line\nline",
    "é €",
    "issue:COIN:0",
    "12345678901234567890",
    "-",
    "'); drop table wallet_entries; --",
  ];
  const numbers = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), null];
  const { rows } = await sql<{ texts: unknown; numbers: unknown; none: unknown; flags: unknown }>`
    select ${textColumn(texts, (text) => text)}::text[] as texts,
      ${plainColumn(numbers, (number) => number)}::bigint[] as numbers,
      ${textColumn([], () => "")}::text[] as none,
      ${plainColumn([true, null, false], (flag) => flag)}::boolean[] as flags
  `.execute(database.single().as());
  assert.deepEqual(rows[0], { texts, numbers, none: [], flags: [true, null, false] });
});
