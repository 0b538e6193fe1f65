import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { Dice } from "../../../../test/simulator/engine/dice.ts";
import { onEachEngine } from "../../../../test/support/database.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { createMemoryLedgerStore, MemoryLedger } from "../../../../test/support/memory-ledger.ts";
import type { Log } from "../../../core/log.ts";
import type { Operation, Side } from "../shard/protocol.ts";
import type { ShardChanges, ShardStore } from "../shard/records.ts";
import { Shard } from "../shard/shard.ts";
import { createLedgerStore } from "./ledger.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const BATCHES = 60;
const TRANSFERS = 80;

/** Names that nobody else in the database has. */
function newNames() {
  const base = randomInt(1, 2 ** 31);
  return {
    shard: randomInt(1_000, 32_000),
    wallets: Array.from({ length: 5 }, (_, at) => `${base}:${at}`),
    transfers: Array.from({ length: TRANSFERS }, (_, at) => BigInt(base) * 1_000n + BigInt(at)),
  };
}

type Names = ReturnType<typeof newNames>;

function drawOperation(dice: Dice, { wallets, transfers }: Names): Operation {
  const [wallet, to] = dice.sample(wallets, 2) as [string, string];
  const transfer = dice.pick(transfers);
  const side: Side = dice.chance(0.5) ? "debit" : "credit";
  const amount = BigInt(1 + dice.below(40));
  switch (
    dice.weighted({ open: 2, configure: 2, reserve: 10, post: 5, void: 3, move: 4, look: 1 })
  ) {
    case "open":
      return { verb: "open", wallet, asset: "COIN", minBalance: -BigInt(dice.below(60)) };
    case "configure": {
      const state = dice.pick(["open", "open", "frozen"] as const);
      // Of another number than those of all transfers.
      const number = transfer + 2n * BigInt(TRANSFERS);
      return { verb: "configure", number, wallet, state };
    }
    case "reserve":
      return { verb: "reserve", transfer, side, wallet, asset: "COIN", amount, peer: 1 };
    case "post":
      return dice.chance(0.3)
        ? { verb: "post", transfer, side, amount }
        : { verb: "post", transfer, side };
    case "void":
      return { verb: "void", transfer, side };
    case "move":
      // A transfer is within a shard or between two, for good.
      return {
        verb: "move",
        transfer: transfer + BigInt(TRANSFERS),
        from: wallet,
        to,
        asset: "COIN",
        amount,
      };
    case "look":
      return { verb: "look", wallet };
  }
}

/** Everything that a store has of these names. */
async function contents(store: ShardStore, { wallets, transfers }: Names) {
  const all = transfers.flatMap((transfer) =>
    [0n, 1n, 2n].map((kind) => transfer + kind * BigInt(TRANSFERS)),
  );
  const keys = all.flatMap((transfer) =>
    (["debit", "credit"] as const).map((side) => ({ transfer, side })),
  );
  const byName = (a: object, b: object) =>
    JSON.stringify(a, text) < JSON.stringify(b, text) ? -1 : 1;
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  return {
    wallets: [...(await store.wallets(wallets))].sort(byName),
    legs: [...(await store.legs(keys))].sort(byName),
  };
}

onEachEngine("the ledger of a shard", (database) => {
  test("keeps what the one in memory keeps, by which the simulator stands for it", async () => {
    const names = newNames();
    const dice = new Dice(randomInt(2 ** 31));
    const clock = createManualClock(1_000_000);
    const stores = [
      createMemoryLedgerStore(new MemoryLedger()),
      createLedgerStore(await database(), names.shard),
    ];
    const take = (epoch: bigint) =>
      Promise.all(
        stores.map(async (store) => {
          const shard = new Shard({ store, clock, log: silent });
          return { shard, position: await shard.take(epoch, undefined) };
        }),
      );
    let [epoch, shards] = [1n, await take(1n)];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      clock.advance(dice.below(20));
      const count = 1 + dice.below(12);
      const operations = Array.from({ length: count }, () => drawOperation(dice, names));
      const replies = await Promise.all(shards.map(({ shard }) => shard.send(epoch, operations)));
      assert.deepEqual(replies[1], replies[0]);
      if (!dice.chance(0.1)) continue;
      // Another process takes over, with nothing but what is written.
      epoch += 1n;
      shards = await take(epoch);
      assert.deepEqual(shards[1]?.position, shards[0]?.position);
    }
    const [memory, sql] = await Promise.all(stores.map((store) => contents(store, names)));
    assert.ok((memory?.legs.length ?? 0) > TRANSFERS / 2);
    assert.deepEqual(sql, memory);
  });

  test("commits all or nothing, once, and for the epoch that has it", async () => {
    const names = newNames();
    const [wallet = ""] = names.wallets;
    const [transfer = 0n] = names.transfers;
    const stores = [
      createMemoryLedgerStore(new MemoryLedger()),
      createLedgerStore(await database(), names.shard),
    ];
    for (const store of stores) {
      const made = { wallet, asset: "COIN", state: "open", posted: 0n, held: 0n } as const;
      const newWallets = [{ ...made, minBalance: 0n, version: 0 }];
      const leg = { transfer, side: "credit", state: "reserved", wallet, asset: "COIN" } as const;
      const reserved = { ...leg, amount: 5n, postedAmount: null, peer: 1, refusal: null };
      const changes: ShardChanges = {
        epoch: 1n,
        after: 0n,
        position: { batch: 1n, head: "" },
        atMs: 1_000,
        reservedFrom: 0n,
        newWallets,
        changedWallets: [],
        newLegs: [reserved],
        changedLegs: [],
        entries: [],
        clearing: [],
      };
      const second = { ...changes, after: 1n, position: { batch: 2n, head: "" }, newWallets: [] };
      assert.notEqual(await store.begin(1n), "fenced");
      assert.equal(await store.commit(changes), "committed");
      assert.equal(await store.commit(changes), "fenced");
      // The same leg once more, and the end of one that is not there.
      await assert.rejects(store.commit(second));
      const gone = { ...reserved, transfer: transfer + 1n, state: "voided" } as const;
      await assert.rejects(store.commit({ ...second, newLegs: [], changedLegs: [gone] }));
      const other = { ...made, minBalance: 0n, version: 4, versionBefore: 3 };
      await assert.rejects(store.commit({ ...second, newLegs: [], changedWallets: [other] }));
      const short = { ...made, minBalance: 0n, held: 1n, version: 0, versionBefore: 0 };
      await assert.rejects(store.commit({ ...second, newLegs: [], changedWallets: [short] }));
      assert.notEqual(await store.begin(2n), "fenced");
      assert.equal(await store.begin(1n), "fenced");
      assert.equal(await store.commit({ ...second, newLegs: [] }), "fenced");
      assert.equal(await store.commit({ ...second, newLegs: [], epoch: 2n }), "committed");
      const { wallets, legs } = await contents(store, names);
      assert.deepEqual([wallets, legs], [newWallets, [reserved]]);
    }
  });
});
