import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import {
  createMemoryJournalStore,
  MemoryJournal,
} from "../../../../test/support/memory-journal.ts";
import type { Leadership } from "./leadership.ts";
import type { Orchestrator } from "./orchestrator.ts";
import type { TransferTerms } from "./transfer.ts";
import { BUSY_IN_FLIGHT, ROOM_WAIT_MS_MAX, Transfers } from "./transfers.ts";

const TERMS: TransferTerms = {
  kind: "transfer",
  owner: "somebody",
  repeat: null,
  from: "0",
  to: "1",
  fromShard: 0,
  toShard: 1,
  asset: "COIN",
  amount: 1n,
  memo: null,
  reverses: null,
  deadlineMs: 10_000,
  initiatedMs: 0,
};

/** Beside a leader that has so many transfers on their way. */
function start(inFlight: number) {
  const clock = createManualClock(0);
  const journal = new MemoryJournal();
  let makeRoom = () => {};
  const orchestrator = {
    inFlight,
    room: () => new Promise<void>((resolve) => (makeRoom = resolve)),
    carry: () => {},
  } as Partial<Orchestrator> as Orchestrator;
  const transfers = new Transfers({
    journal: createMemoryJournalStore(journal, clock.nowMs),
    leadership: { orchestrator } as Partial<Leadership> as Leadership,
    clock,
    tellOthers: () => {},
  });
  const order = () => transfers.order({ transfers: [TERMS] });
  const accepted = () => journal.transfers.size;
  /** What is under way has gone as far as it goes by itself. */
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, order, accepted, turn, makeRoom: () => makeRoom() };
}

test("with few on their way an order is written down at once", async () => {
  const { order, accepted } = start(BUSY_IN_FLIGHT - 1);
  await order();
  assert.equal(accepted(), 1);
});

test("with many on their way it waits until some have ended", async () => {
  const { order, accepted, turn, makeRoom } = start(BUSY_IN_FLIGHT);
  const ordered = order();
  await turn();
  assert.equal(accepted(), 0);
  makeRoom();
  await ordered;
  assert.equal(accepted(), 1);
});

test("and no longer than a moment, because they may wait for a shard that is away", async () => {
  const { order, accepted, turn, clock } = start(BUSY_IN_FLIGHT);
  const ordered = order();
  await turn();
  clock.advance(ROOM_WAIT_MS_MAX - 1);
  await turn();
  assert.equal(accepted(), 0);
  clock.advance(1);
  await ordered;
  assert.equal(accepted(), 1);
});
