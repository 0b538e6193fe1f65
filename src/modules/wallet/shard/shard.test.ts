import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { createMemoryLedgerStore, MemoryLedger } from "../../../../test/support/memory-ledger.ts";
import type { Log } from "../../../core/log.ts";
import { type Operation, ShardOutdated, ShardRefused, ShardUnavailable } from "./protocol.ts";
import type { ShardChanges, ShardStore } from "./records.ts";
import { Shard } from "./shard.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

type Commit = ShardStore["commit"];

/** A shard over a ledger, on its way to which a test may stand. */
function shardOver(ledger: MemoryLedger, between: (right: Commit) => Commit = (right) => right) {
  const store = createMemoryLedgerStore(ledger);
  return new Shard({
    store: { ...store, commit: between(store.commit) },
    clock: createManualClock(1_000_000),
    log: silent,
  });
}

const open = (wallet: string, minBalance = 0n): Operation => {
  return { verb: "open", wallet, asset: "COIN", minBalance };
};
const reserve = (transfer: bigint, wallet: string, amount: bigint): Operation => {
  return { verb: "reserve", transfer, side: "debit", wallet, asset: "COIN", amount, peer: 1 };
};

test("many requests at once are one commit, and each is answered for itself", async () => {
  const ledger = new MemoryLedger();
  const shard = shardOver(ledger);
  await shard.take(1n, undefined);
  await shard.send(1n, [open("0", -100n)]);
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, at) => shard.send(1n, [reserve(BigInt(at + 1), "0", 10n)])),
  );
  const taken = replies.filter(({ outcomes: [outcome] }) => outcome?.ok);
  assert.equal(taken.length, 10);
  assert.equal(ledger.tables.batch, 2n);
  assert.equal(ledger.tables.wallets.get("0")?.held, 100n);
});

test("a commit of an earlier epoch is refused, and what it wanted has no effect", async () => {
  const ledger = new MemoryLedger();
  const earlier = shardOver(ledger);
  await earlier.take(1n, undefined);
  await earlier.send(1n, [open("0", -100n)]);
  const later = shardOver(ledger);
  await later.take(2n, undefined);
  await assert.rejects(earlier.send(1n, [reserve(1n, "0", 10n)]), ShardRefused);
  await assert.rejects(earlier.take(1n, undefined), ShardRefused);
  assert.equal(ledger.tables.legs.size, 0);
});

test("a later epoch that took the shard by way of another process has to take this one", async () => {
  const ledger = new MemoryLedger();
  const [present, hung] = [shardOver(ledger), shardOver(ledger)];
  await present.take(1n, undefined);
  await hung.take(2n, undefined);
  await assert.rejects(present.send(2n, [open("0")]), ShardUnavailable);
  await present.take(2n, undefined);
  assert.deepEqual((await present.send(2n, [open("0")])).outcomes, [{ ok: true }]);
});

test("what an earlier epoch, or another process, remembers is not told", async () => {
  const ledger = new MemoryLedger();
  const shard = shardOver(ledger);
  await shard.take(1n, undefined);
  await shard.send(1n, [open("0", -100n)]);
  const twin = shardOver(ledger);
  await twin.take(1n, undefined);
  await shard.send(1n, [reserve(1n, "0", 10n)]);
  const { outcomes } = await twin.send(1n, [{ verb: "post", transfer: 1n, side: "debit" }]);
  assert.deepEqual(outcomes, [{ ok: true }]);
  await shardOver(ledger).take(2n, undefined);
  await assert.rejects(shard.send(1n, [{ verb: "look", wallet: "0" }]), ShardRefused);
});

test("a commit whose answer was lost is not made twice", async () => {
  const ledger = new MemoryLedger();
  let losses = 1;
  const shard = shardOver(ledger, (right) => async (changes) => {
    const outcome = await right(changes);
    if (changes.newLegs.length === 0 || losses === 0) return outcome;
    losses -= 1;
    throw new Error("the connection broke");
  });
  await shard.take(1n, undefined);
  await shard.send(1n, [open("0", -100n)]);
  const { outcomes } = await shard.send(1n, [reserve(1n, "0", 10n)]);
  assert.deepEqual(outcomes, [{ ok: true }]);
  assert.equal(ledger.tables.wallets.get("0")?.held, 10n);
});

test("a commit that is made after it was given up does not cost the shard its orchestrator", async () => {
  const ledger = new MemoryLedger();
  const late: ShardChanges[] = [];
  const shard = shardOver(ledger, (right) => async (changes) => {
    const isFirst = late.length === 0 && changes.newLegs.length > 0;
    if (isFirst) {
      late.push(changes);
      throw new Error("the connection broke");
    }
    // It comes in right before the next one.
    if (late.length === 1) for (const one of late) await right(one);
    return right(changes);
  });
  await shard.take(1n, undefined);
  await shard.send(1n, [open("0", -100n)]);
  const sent = [reserve(1n, "0", 10n), reserve(2n, "0", 20n)].map((one) => shard.send(1n, [one]));
  for (const { outcomes } of await Promise.all(sent)) assert.deepEqual(outcomes, [{ ok: true }]);
  assert.equal(ledger.tables.wallets.get("0")?.held, 30n);
});

test("of a batch of 512, one operation that cannot be written takes no other with it", async () => {
  const ledger = new MemoryLedger();
  const shard = shardOver(ledger, (right) => async (changes) => {
    if (changes.newLegs.some(({ transfer }) => transfer === 77n)) throw new Error("no such number");
    return right(changes);
  });
  await shard.take(1n, undefined);
  await shard.send(1n, [open("0", -10_000n)]);
  const batch = Array.from({ length: 512 }, (_, at) => reserve(BigInt(at + 1), "0", 1n));
  const [{ outcomes }, other] = await Promise.all([
    shard.send(1n, batch),
    shard.send(1n, [reserve(1_000n, "0", 1n)]),
  ]);
  assert.deepEqual(
    outcomes.flatMap((outcome, at) => (outcome?.ok ? [] : [[at, outcome]])),
    [[76, null]],
  );
  assert.deepEqual(other.outcomes, [{ ok: true }]);
  assert.equal(ledger.tables.wallets.get("0")?.held, 512n);
});

test("a void without a leg leaves a mark that outlives the process", async () => {
  const ledger = new MemoryLedger();
  const first = shardOver(ledger);
  await first.take(1n, undefined);
  await first.send(1n, [open("0", -100n), { verb: "void", transfer: 5n, side: "debit" }]);
  const second = shardOver(ledger);
  await second.take(1n, undefined);
  const { outcomes } = await second.send(1n, [reserve(5n, "0", 10n)]);
  assert.deepEqual(outcomes, [{ ok: false, refusal: "leg_voided" }]);
});

test("a shard whose database is an older one, or another, refuses service", async () => {
  const history = async (...amounts: bigint[]) => {
    const ledger = new MemoryLedger();
    const shard = shardOver(ledger);
    await shard.take(1n, undefined);
    await shard.send(1n, [open("0", -100n), open("2")]);
    for (const [at, amount] of amounts.entries()) {
      const transfer = BigInt(at + 1);
      const move = { verb: "move", transfer, from: "0", to: "2", asset: "COIN", amount } as const;
      await shard.send(1n, [move]);
    }
    const { batch, head } = ledger.tables;
    return { ledger, position: { batch, head } };
  };
  const { ledger, position } = await history(1n, 2n);
  for (const other of [await history(1n), await history(1n, 3n), await history(3n, 2n, 1n)]) {
    await assert.rejects(shardOver(other.ledger).take(2n, position), ShardOutdated);
  }
  const further = await history(1n, 2n, 3n);
  assert.deepEqual(await shardOver(further.ledger).take(2n, position), further.position);
  assert.deepEqual(await shardOver(ledger).take(2n, position), position);
});

test("nobody is served before the shard is taken", async () => {
  await assert.rejects(shardOver(new MemoryLedger()).send(1n, [open("0")]), ShardUnavailable);
});
