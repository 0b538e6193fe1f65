import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createMemoryChoreStore, MemoryChores } from "../../../../test/support/memory-chores.ts";
import { createHarness } from "../../../../test/support/module-harness.ts";
import type { Chore, ChoreOperation } from "../orchestrator/chore.ts";
import { createChoreStore, insertChore } from "./chores.ts";

const FREEZE: ChoreOperation = {
  verb: "configure",
  wallet: "1",
  state: "frozen",
  minBalance: null,
};

test("chores are kept as in memory, and those of one shard hold up no other", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  await using harness = await createHarness({ database, modules: () => [] });
  const { clock, ids } = harness.ports;
  await harness.work.write(({ tx }) =>
    sql`
      insert into wallet_cluster (shards, epoch, lease_until_ms, unfinished_from, interest)
      values (2, 1, 0, 0, 0)
    `.execute(tx.as()),
  );
  const announced: string[] = [];
  const store = createChoreStore({
    work: () => harness.work,
    clock,
    announce: async (_, wallet) => void announced.push(wallet),
  });
  let drawn = 0n;
  const memory = new MemoryChores(() => {
    drawn += 1n;
    return drawn;
  });
  const kept = createMemoryChoreStore(memory);
  const want = async (shard: number) => {
    const chore = { id: ids.uuid(), shard, operation: FREEZE };
    // By a clock that goes back: what counts is who came first.
    const nowMs = clock.nowMs() - Number(drawn) * 1_000;
    await harness.work.write(({ tx }) => insertChore(tx, { ...chore, nowMs }));
    memory.insert(chore);
    return chore.id;
  };
  const both = async (ask: (from: typeof store) => Promise<unknown>) => {
    const [told, expected] = [await ask(store), await ask(kept)];
    assert.deepEqual(told, expected);
    return told;
  };

  const away = [await want(1), await want(1), await want(1)];
  const present = await want(0);
  const open = (await both((from) => from.open(2))) as readonly Chore[];
  assert.deepEqual(
    open.map(({ id }) => id),
    [...away.slice(0, 2), present],
  );
  const [first, second] = open;
  assert.ok(first !== undefined && second !== undefined);
  await both((from) => from.end(first, null));
  await both((from) => from.end(first, "wallet_closed"));
  await both((from) => from.end(second, "funds_short"));
  for (const { id } of [first, second]) await both((from) => from.find(id));
  assert.equal((await store.find(first.id))?.refusal, null, "the first answer stays");
  assert.deepEqual(announced, ["1"], "once, and nothing that was refused");
  await both((from) => from.open(2));
  assert.equal(await store.find(ids.uuid()), null);
});
