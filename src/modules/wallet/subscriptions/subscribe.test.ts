import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { collectingSink } from "../../../../test/support/module-harness.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createWalletFixture } from "../../../../test/support/wallet-fixture.ts";
import type { Person } from "../../../core/actor.ts";
import type { StreamEvent } from "../../../core/event-log.ts";
import { listOpenChores } from "../store/chores.ts";
import { LATEST_MAX, type Transaction } from "../types.ts";

const wallet = await createWalletFixture();
after(() => wallet[Symbol.asyncDispose]());

const ann = wallet.newPerson();
const ben = wallet.newPerson();
const NAME = "wallet.subscribe";

async function pair() {
  return { fromId: await wallet.open(ann, 0), toId: await wallet.open(ben, 1) };
}

async function send(ends: { fromId: string; toId: string }, amount: string): Promise<string> {
  const { txId } = await wallet.call("wallet.transfer", { ...ends, amount }, ann);
  await wallet.ended(txId, ann);
  return txId;
}

async function follow(walletId: string, as: Person, since: object = {}) {
  const sink = collectingSink();
  const stream = await wallet.harness.open(NAME, { walletId, ...since }, sink, as);
  return { sink, stream, opened: stream.opened };
}

/** A wallet of whose opening nothing more is told. */
async function openQuiet(): Promise<string> {
  const walletId = await wallet.open(ann, 1);
  const isQuiet = async () =>
    (await wallet.harness.work.single((tx) => listOpenChores(tx, 1))).length === 0;
  await waitFor(isQuiet, { what: "its opening is recorded" });
  return walletId;
}

const statusesOf = (events: readonly StreamEvent[], id: string) =>
  events
    .map(({ data }) => data as Transaction)
    .filter(({ txId }) => txId === id)
    .map(({ status }) => status);
const isDone = (events: readonly StreamEvent[], id: string) =>
  events.some(({ data }) => {
    const { txId, finishedAtMs } = data as Transaction;
    return txId === id && finishedAtMs !== null;
  });

/** Statuses come in their order, each at most as often as something changed. */
function assertOrder(statuses: readonly string[]): void {
  const order = ["PENDING", "PROCESSING", "SUCCESSFUL"];
  const places = statuses.map((status) => order.indexOf(status));
  assert.ok(!places.includes(-1), statuses.join());
  assert.deepEqual(places, places.toSorted(), statuses.join());
  assert.equal(statuses.at(-1), "SUCCESSFUL");
}

describe("who follows a wallet", () => {
  test("sees its latest transactions at first, the newest before the others", async () => {
    const ends = await pair();
    const ids: string[] = [];
    const read = async () => {
      const { opened, stream } = await follow(ends.fromId, ann);
      stream.close();
      assert.ok(!opened.recovered);
      const state = opened.state as { transactions: Transaction[]; cursor: string | null };
      return { ...state, ids: state.transactions.map(({ txId }) => txId) };
    };
    // The first is what development gives.
    for (let count = 1; count < LATEST_MAX; count += 1) ids.unshift(await send(ends, "1"));
    const full = await read();
    assert.deepEqual([full.ids.length, full.ids.slice(0, -1)], [LATEST_MAX, ids]);
    assert.equal(full.cursor, null, "nothing is older");
    ids.unshift(await send(ends, "1"));
    const fuller = await read();
    assert.deepEqual(fuller.ids, ids);
    const { cursor } = fuller;
    assert.equal(cursor, ids.at(-1));
    const older = await wallet.call(
      "wallet.transactions",
      { walletId: ends.fromId, from: "newest", ...(cursor === null ? {} : { cursor }) },
      ann,
    );
    assert.deepEqual([older.transactions.length, older.cursor], [1, null]);
  });

  test("is pushed every change, in order, as his own side sees it; so is the other side", async () => {
    const ends = await pair();
    const [payer, receiver] = [await follow(ends.fromId, ann), await follow(ends.toId, ben)];
    const ids: string[] = [];
    for (const amount of ["1", "2", "3"]) ids.push(await send(ends, amount));
    for (const [{ sink, stream }, sign, walletId] of [
      [payer, "-", ends.fromId],
      [receiver, "+", ends.toId],
    ] as const) {
      const all = () => ids.every((id) => isDone(sink.events, id));
      await waitFor(all, { what: "every transaction is pushed to its end" });
      for (const id of ids) assertOrder(statusesOf(sink.events, id));
      for (const { data, type } of sink.events) {
        assert.equal(type, "wallet.transaction");
        const transaction = data as Transaction;
        assert.equal(transaction.amount[0], sign);
        assert.equal(transaction.walletId, walletId);
      }
      const offsets = sink.events.map(({ offset }) => offset);
      const first = offsets[0] ?? 0;
      assert.deepEqual(
        offsets,
        offsets.map((_, at) => first + at),
      );
      assert.equal(sink.isLost, false);
      stream.close();
    }
  });

  test("gets what he missed when he comes back, and nothing twice", async () => {
    const ends = await pair();
    const first = await follow(ends.fromId, ann);
    const before = await send(ends, "1");
    await waitFor(() => isDone(first.sink.events, before), { what: "the first is pushed" });
    first.stream.close();
    const missed = await send(ends, "2");
    const offset = first.sink.events.at(-1)?.offset ?? -1;
    const { epoch } = first.opened.position;
    const again = await follow(ends.fromId, ann, { epoch, offset });
    const { opened } = again;
    assert.ok(opened.recovered);
    const later = await send(ends, "3");
    const heard = () => [...opened.missed, ...again.sink.events];
    await waitFor(() => isDone(again.sink.events, later), { what: "the last is pushed" });
    assertOrder(statusesOf(heard(), missed));
    assertOrder(statusesOf(heard(), later));
    assert.deepEqual(statusesOf(heard(), before), []);
    assert.deepEqual(
      heard().map((event) => event.offset),
      heard().map((_, at) => offset + 1 + at),
    );
    again.stream.close();
  });

  test("hears of his wallet only, and it has to be his", async () => {
    const [watched, elsewhere] = [await pair(), await pair()];
    const { sink, stream } = await follow(watched.fromId, ann);
    await send(elsewhere, "1");
    const last = await send(watched, "1");
    await waitFor(() => isDone(sink.events, last), { what: "his own transaction is pushed" });
    assert.deepEqual(
      new Set(sink.events.map(({ data }) => (data as Transaction).txId)),
      new Set([last]),
    );
    stream.close();
    for (const as of [ben, wallet.operator, wallet.newPerson()]) {
      await assert.rejects(follow(watched.fromId, as), { code: "WALLET_NOT_FOUND" });
    }
    await assert.rejects(follow("404", ann), { code: "WALLET_NOT_FOUND" });
  });

  test("hears that the wallet is frozen or has another limit, also what he missed", async () => {
    const walletId = await openQuiet();
    const { sink, stream, opened } = await follow(walletId, ann);
    const changes = () => sink.events.filter(({ type }) => type === "wallet.changed");
    const told = async (count: number, what: string) => {
      await waitFor(() => changes().length >= count, { what: `followers hear that it ${what}` });
      assert.deepEqual(changes().at(-1)?.data, { walletId });
      return wallet.call("wallet.balance", { walletId }, ann);
    };
    await wallet.call("wallet.freeze", { walletId, frozen: true }, wallet.operator);
    assert.equal((await told(1, "is frozen")).state, "frozen");
    await wallet.call("wallet.setOverdraft", { walletId, overdraft: "5" }, wallet.operator);
    assert.equal((await told(2, "has an overdraft")).overdraft, "5.00");
    const offset = sink.events.at(-1)?.offset ?? -1;
    stream.close();
    await wallet.call("wallet.freeze", { walletId, frozen: false }, wallet.operator);
    const again = await follow(walletId, ann, { epoch: opened.position.epoch, offset });
    assert.ok(again.opened.recovered);
    const missed = again.opened.missed.filter(({ type }) => type === "wallet.changed");
    assert.deepEqual(
      missed.map(({ data }) => data),
      [{ walletId }],
    );
    again.stream.close();
  });

  test("hears nothing of what was asked of the wallet in vain", async () => {
    const walletId = await openQuiet();
    const { sink, stream } = await follow(walletId, ann);
    const close = wallet.call("wallet.close", { walletId }, ann);
    await assert.rejects(close, { code: "WALLET_USED" });
    await wallet.call("wallet.freeze", { walletId, frozen: true }, wallet.operator);
    await waitFor(() => sink.events.length > 0, { what: "followers hear that it is frozen" });
    assert.deepEqual(
      sink.events.map(({ type }) => type),
      ["wallet.changed"],
    );
    stream.close();
  });

  test("hears of holds: when the money is held, and what became of it", async () => {
    const ends = await pair();
    const { sink, stream } = await follow(ends.toId, ben);
    const { txId } = await wallet.call("wallet.hold", { ...ends, amount: "9" }, ann);
    const statuses = () => statusesOf(sink.events, txId);
    await waitFor(() => statuses().includes("PROCESSING"), { what: "the hold is pushed" });
    await wallet.call("wallet.release", { txId }, ann);
    await waitFor(() => isDone(sink.events, txId), { what: "its release is pushed" });
    assert.equal(statuses().at(-1), "INVALID");
    stream.close();
  });
});
