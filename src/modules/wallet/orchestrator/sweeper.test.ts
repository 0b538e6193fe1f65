import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { IN_FLIGHT_MAX, Sweeper } from "./sweeper.ts";
import type { TransferRecord } from "./transfer.ts";

const named = (id: bigint, bundle: bigint | null = null) => ({ id, bundle }) as TransferRecord;
const many = (count: number) => Array.from({ length: count }, (_, at) => named(BigInt(at + 1)));

/** Over a journal that has these. */
function sweeping(journal: { readonly holds?: TransferRecord[]; readonly all?: TransferRecord[] }) {
  const { holds = [], all = [] } = journal;
  const page = (of: readonly TransferRecord[], after: bigint, countMax: number) =>
    of.filter(({ id }) => id > after).slice(0, countMax);
  const counts = { inFlight: 0 };
  const sweeper = new Sweeper({
    journal: {
      unfinished: async ({ after }, countMax) => page(all, after, countMax),
      dueHolds: async (after, countMax) => page(holds, after, countMax),
      newest: async () => 0n,
      forgetBelow: async () => {},
    },
    clock: createManualClock(0),
    epoch: 1n,
    inFlight: () => counts.inFlight,
  });
  return { sweeper, counts };
}

test("of many holds that are due at once each sweep takes up some, and none is left out", async () => {
  const holds = many(10_500);
  const { sweeper, counts } = sweeping({ holds });
  const taken: bigint[] = [];
  for (const expected of [4_000, 4_000, 2_500]) {
    const some = await sweeper.dueHolds();
    assert.equal(some.length, expected);
    taken.push(...some.map(({ id }) => id));
  }
  assert.deepEqual(
    taken,
    holds.map(({ id }) => id),
  );
  assert.equal((await sweeper.dueHolds())[0]?.id, 1n, "those that are still there come again");
  counts.inFlight = IN_FLIGHT_MAX;
  assert.deepEqual(await sweeper.dueHolds(), [], "there is no room for more");
});

test("who begins to lead takes up no more than there is room for, and no part of a bundle", async () => {
  const all = many(IN_FLIGHT_MAX + 10);
  for (let at = IN_FLIGHT_MAX - 2; at < IN_FLIGHT_MAX + 3; at += 1) {
    all[at] = named(BigInt(at + 1), BigInt(IN_FLIGHT_MAX - 1));
  }
  const taken = await sweeping({ all }).sweeper.all();
  assert.equal(taken.length, IN_FLIGHT_MAX - 2);
  assert.deepEqual(
    taken.filter(({ bundle }) => bundle !== null),
    [],
  );
  assert.equal((await sweeping({ all: many(2_500) }).sweeper.all()).length, 2_500);
});

test("a review that fails holds up neither holds nor what is recent", async () => {
  const clock = createManualClock(0);
  let [newest, reviews] = [0n, 0];
  const sweeper = new Sweeper({
    journal: {
      async unfinished({ after, upTo }) {
        if (upTo === undefined) {
          reviews += 1;
          throw new Error("It takes too long.");
        }
        return [named(after + 1n)];
      },
      dueHolds: async () => [named(1_000n)],
      newest: async () => (newest += 1n),
      forgetBelow: async () => {},
    },
    clock,
    epoch: 1n,
    inFlight: () => 0,
  });
  await sweeper.recent();
  clock.advance(15_000);
  await assert.rejects(sweeper.recent());
  assert.equal((await sweeper.dueHolds()).length, 1);
  const recent = await sweeper.recent();
  assert.deepEqual([recent.length, reviews], [1, 1]);
});
