import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { Dice } from "../../../../test/simulator/engine/dice.ts";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import {
  createMemoryJournalStore,
  MemoryJournal,
} from "../../../../test/support/memory-journal.ts";
import { createHarness } from "../../../../test/support/module-harness.ts";
import type { JournalEntry, JournalStore, Order } from "../orchestrator/journal.ts";
import type { Code, Decision, TransferTerms } from "../orchestrator/transfer.ts";
import { drawIds, insertOrders } from "./accepting.ts";
import { createJournalStore } from "./journal.ts";
import { decideHold } from "./transfers.ts";

const STEPS = 200;
const LEASE_MS = 3_000;
const OWNER = "11111111-1111-7111-8111-111111111111";
const CODES = ["funds_short", "deadline", "hold_expired"] as const;

/** A request out of few, so that keys, reversals and holds meet again. */
function drawOrder(dice: Dice, nowMs: number, transfers: number): Order {
  const count = dice.chance(0.2) ? 2 + dice.below(2) : 1;
  const hash = `hash ${dice.below(3)}`;
  const repeat = dice.chance(0.6) ? { key: `key ${dice.below(40)}`, hash } : null;
  const isReversal = count === 1 && transfers > 0 && dice.chance(0.2);
  const kind = isReversal ? "reversal" : dice.pick(["transfer", "hold"] as const);
  const terms: TransferTerms = {
    kind,
    owner: OWNER,
    repeat: null,
    from: "1",
    to: "2",
    fromShard: 1,
    toShard: 0,
    asset: "COIN",
    amount: 5n,
    memo: null,
    reverses: isReversal ? BigInt(1 + dice.below(transfers)) : null,
    deadlineMs: nowMs + dice.below(5_000),
    initiatedMs: nowMs,
  };
  const rest = Array.from({ length: count - 1 }, () => ({ ...terms, kind: "transfer" as const }));
  return { transfers: [{ ...terms, repeat }, ...rest] };
}

function drawEntries(dice: Dice, nowMs: number, ids: readonly bigint[]): JournalEntry[] {
  return dice.sample(ids, 1 + dice.below(5)).map((id): JournalEntry => {
    const decision: Decision = dice.chance(0.5) ? "commit" : "abort";
    const code: Code | null = decision === "abort" ? dice.pick(CODES) : null;
    const decided = { id, decision, code };
    if (dice.chance(0.3)) return { id, heldMs: nowMs };
    return dice.chance(0.4) ? { ...decided, finishedMs: nowMs } : decided;
  });
}

/** A journal of which nobody hears. */
const QUIET = {
  shards: 2,
  isAlone: false,
  announce: async () => {},
  hasWebhook: false,
  quietAt: () => undefined,
} as const;

test("the journal keeps what the one in memory keeps, on which the simulator stands", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  const clock = createManualClock(1_000_000_000_000);
  const harness = await createHarness({ database, clock, modules: () => [] });
  const dice = new Dice(randomInt(2 ** 31));
  let isQuiet = false;
  const parts = { ...QUIET, clock, work: () => harness.work };
  const sql = createJournalStore({ ...parts, quietAt: () => (isQuiet ? 0n : undefined) });
  const journal = new MemoryJournal();
  const memory = createMemoryJournalStore(journal, clock.nowMs);
  /** Both are asked, and say the same. */
  const ask = async <T>(act: (store: JournalStore) => Promise<T>): Promise<T> => {
    const expected = await act(memory);
    assert.deepEqual(await act(sql), expected);
    return expected;
  };
  let epoch = (await ask((store) => store.lead("a", LEASE_MS)))?.epoch ?? 0n;
  for (let step = 0; step < STEPS; step += 1) {
    clock.advance(dice.below(300));
    if (dice.chance(0.02)) clock.jump(-3_600_000);
    isQuiet = dice.chance(0.5);
    const ids = [...journal.transfers.keys()];
    const nowMs = clock.nowMs();
    const id = ids.length === 0 ? 0n : dice.pick(ids);
    switch (dice.weighted({ accept: 8, record: 8, decide: 3, lead: 1, renew: 1, look: 1 })) {
      case "accept": {
        const draw = () => drawOrder(dice, nowMs, ids.length);
        const orders = Array.from({ length: 1 + dice.below(3) }, draw);
        await ask((store) => store.accept(orders));
        break;
      }
      case "record": {
        const entries = drawEntries(dice, nowMs, ids);
        const asked = dice.chance(0.1) ? epoch - 1n : epoch;
        const positions = new Map([[0, { batch: BigInt(step), head: "" }]]);
        await ask((store) => store.record({ epoch: asked, entries, positions }));
        break;
      }
      case "decide": {
        const decision: Decision = dice.chance(0.5) ? "commit" : "abort";
        const verdict = { decision, captured: decision === "commit" ? 2n : null };
        const expected = journal.decideHold(id, verdict, nowMs);
        const work = harness.work.write(({ tx }) => decideHold(tx, id, { ...verdict, nowMs }));
        assert.deepEqual(await work, expected);
        break;
      }
      case "lead": {
        const node = dice.pick(["a", "b"]);
        epoch = (await ask((store) => store.lead(node, LEASE_MS)))?.epoch ?? epoch;
        break;
      }
      case "renew": {
        const asked = dice.chance(0.3) ? epoch - 1n : epoch;
        await ask((store) => store.renew(asked, LEASE_MS));
        break;
      }
      case "look": {
        const upTo = dice.chance(0.5) ? id + BigInt(dice.below(20)) : undefined;
        await ask((store) => store.unfinished({ after: id, upTo }, 10));
        const after = dice.chance(0.5) ? 0n : id;
        await ask((store) => store.dueHolds(after, 10));
        await ask((store) => store.newest());
      }
    }
  }
  const ids = [...journal.transfers.keys()];
  assert.ok(ids.length > STEPS / 4);
  await ask((store) => store.find(ids));
  await ask((store) => store.forgetBelow(epoch, ids[20] ?? 0n));
  await ask((store) => store.unfinished({ after: 0n }, 1_000));
});

test("whoever is alone with the database leads at once, the others wait for the lease", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  const clock = createManualClock(1_000_000);
  const harness = await createHarness({ database, clock, modules: () => [] });
  const parts = { ...QUIET, clock, work: () => harness.work };
  const store = (isAlone: boolean) => createJournalStore({ ...parts, isAlone });
  assert.equal((await store(false).lead("dead", LEASE_MS))?.epoch, 1n);
  assert.equal(await store(false).lead("next", LEASE_MS), null);
  assert.equal((await store(true).lead("next", LEASE_MS))?.epoch, 2n);
});

test("numbers that later ones have overtaken are never written, those of a lost answer are", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  const clock = createManualClock(1_000_000);
  const { work } = await createHarness({ database, clock, modules: () => [] });
  const dice = new Dice(1);
  const ask = (): Order[] => [{ transfers: drawOrder(dice, 0, 0).transfers.slice(0, 1) }];
  const write = (orders: readonly Order[], ids: readonly bigint[]) =>
    work.write(({ tx }) => insertOrders(tx, orders, ids));
  const [early, late] = [ask(), ask()];
  const [first = 0n, second = 0n] = await work.single((tx) => drawIds(tx, 2));
  const store = createJournalStore({ ...QUIET, clock, work: () => work });

  const written = await write(late, [second]);
  assert.equal(await write(early, [first]), "overtaken");
  assert.deepEqual(await store.find([first]), []);
  assert.deepEqual(await write(late, [second]), written, "as after a commit nobody knows of");
  const [accepted] = await store.accept(early);
  assert.ok(accepted?.outcome === "accepted" && (accepted.transfers[0]?.id ?? 0n) > second);
  assert.deepEqual(await write(late, [second]), written, "also when others came after it");
});
