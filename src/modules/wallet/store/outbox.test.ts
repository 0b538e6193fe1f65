import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freshDatabase } from "../../../../test/support/database.ts";
import { deleteEnded, insertEnded, listEnded } from "./outbox.ts";

const place = await freshDatabase();
const database = await place.open();
after(async () => {
  await database.close();
  await place[Symbol.asyncDispose]();
});
const WRITE = { isolation: "read committed", readOnly: false } as const;

test("what was told is deleted, and not what came to light before it meanwhile", async () => {
  await database.transaction(WRITE, async (tx) => {
    for (const transfer of [1n, 2n, 3n]) await insertEnded(tx, transfer);
  });
  const [first, second, third] = await listEnded(database.single(), 10);
  assert.deepEqual([first?.transfer, second?.transfer, third?.transfer], [1n, 2n, 3n]);
  // The second was committed only after the others were read.
  const told = [first, third].flatMap((one) => one?.place ?? []);
  await database.transaction(WRITE, (tx) => deleteEnded(tx, told));
  assert.deepEqual(await listEnded(database.single(), 10), [second]);
});
