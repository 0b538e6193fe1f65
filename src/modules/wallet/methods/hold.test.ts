import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createShiftedClock } from "../../../../test/support/shifted-clock.ts";
import { createWalletFixture } from "../../../../test/support/wallet-fixture.ts";
import type { Person } from "../../../core/actor.ts";

const clock = createShiftedClock();
const wallet = await createWalletFixture({ clock });
after(() => wallet[Symbol.asyncDispose]());

const ann = wallet.newPerson();
const ben = wallet.newPerson();

/** Ann's wallet and Ben's on shards of their own, or on one. */
async function pair(shards: readonly [number, number] = [0, 1]) {
  const fromId = await wallet.open(ann, shards[0]);
  const toId = await wallet.open(ben, shards[1]);
  return { fromId, toId };
}

async function held(amount: string, seconds?: number) {
  const ends = await pair();
  const input = { ...ends, amount, ...(seconds === undefined ? {} : { seconds }) };
  const { txId } = await wallet.call("wallet.hold", input, ann);
  await wallet.reaches("PROCESSING", txId, ann);
  return { ...ends, txId };
}

const capture = (txId: string, amount?: string, as: Person = ann) =>
  wallet.call("wallet.capture", { txId, ...(amount === undefined ? {} : { amount }) }, as);
const release = (txId: string, as: Person = ann) => wallet.call("wallet.release", { txId }, as);
const HOLD_ENDED = { code: "HOLD_ENDED", kind: "conflict" };

describe("a hold", () => {
  test("sets money aside: it is there, but cannot be spent, and the other has nothing yet", async () => {
    const { fromId, toId, txId } = await held("400");
    assert.equal(await wallet.available(fromId, ann), "600.00, 400.00 held");
    assert.equal(await wallet.available(toId, ben), "1000.00");
    const { status, kind, amount, untilMs, initiatedAtMs, note } = await wallet.call(
      "wallet.getTransaction",
      { txId },
      ann,
    );
    assert.deepEqual(
      { status, kind, amount, note },
      { status: "PROCESSING", kind: "hold", amount: "-400.00", note: "the money is held" },
    );
    assert.ok(untilMs !== null && untilMs >= initiatedAtMs + 900_000);
    const { transactions } = await wallet.call("wallet.inFlight", {}, wallet.operator);
    assert.ok(transactions.some((one) => one.txId === txId));
    const more = await wallet.call("wallet.transfer", { fromId, toId, amount: "600.01" }, ann);
    const refused = await wallet.ended(more.txId, ann);
    assert.deepEqual([refused.status, refused.code], ["INVALID", "funds_short"]);
    await release(txId);
  });

  test("is captured whole", async () => {
    const { fromId, toId, txId } = await held("400");
    await capture(txId);
    const { status, capturedAmount } = await wallet.ended(txId, ann);
    assert.deepEqual([status, capturedAmount], ["SUCCESSFUL", null]);
    assert.equal(await wallet.available(fromId, ann), "600.00");
    assert.equal(await wallet.available(toId, ben), "1400.00");
  });

  test("is captured in part, and the rest is released", async () => {
    const { fromId, toId, txId } = await held("400");
    await capture(txId, "150.5");
    const { status, amount, capturedAmount } = await wallet.ended(txId, ben);
    assert.deepEqual([status, amount, capturedAmount], ["SUCCESSFUL", "+400.00", "150.50"]);
    assert.equal(await wallet.available(fromId, ann), "849.50");
    assert.equal(await wallet.available(toId, ben), "1150.50");
  });

  test("is not captured for more than it is, for nothing, or for what is no amount", async () => {
    const { fromId, txId } = await held("400");
    for (const amount of ["400.01", "999999999999", "0", "0.00", "1.001"]) {
      await assert.rejects(capture(txId, amount), { code: "CAPTURE_TOO_LARGE" }, amount);
    }
    for (const amount of ["-1", "1e2", "", "NaN"]) {
      await assert.rejects(capture(txId, amount), { code: "INVALID_INPUT" }, amount);
    }
    assert.equal(await wallet.available(fromId, ann), "600.00, 400.00 held");
    await release(txId);
  });

  test("is decided once: the same again is answered as before, another verdict is refused", async () => {
    const { fromId, txId } = await held("400");
    await capture(txId, "100");
    await capture(txId, "100");
    await wallet.ended(txId, ann);
    assert.deepEqual(await capture(txId, "100"), { txId, status: "SUCCESSFUL" });
    await assert.rejects(capture(txId), HOLD_ENDED);
    await assert.rejects(capture(txId, "101"), HOLD_ENDED);
    await assert.rejects(release(txId), HOLD_ENDED);
    assert.equal(await wallet.available(fromId, ann), "900.00");
  });

  test("is released: all of it is there again, and it cannot be captured any more", async () => {
    const { fromId, toId, txId } = await held("400");
    await release(txId);
    await release(txId);
    const { status, note } = await wallet.ended(txId, ann);
    assert.deepEqual([status, note], ["INVALID", "released by its owner"]);
    await assert.rejects(capture(txId), HOLD_ENDED);
    assert.equal(await wallet.available(fromId, ann), "1000.00");
    assert.equal(await wallet.available(toId, ben), "1000.00");
  });

  test("ends by itself, and cannot be captured once its time is over", async () => {
    const [late, ours] = [await held("400", 60), await held("400", 3_600)];
    clock.forward(80_000);
    await assert.rejects(capture(late.txId), HOLD_ENDED);
    const { status, note } = await wallet.ended(late.txId, ann);
    assert.deepEqual([status, note], ["INVALID", "not captured in time"]);
    assert.equal(await wallet.available(late.fromId, ann), "1000.00");
    await assert.rejects(release(late.txId), HOLD_ENDED);
    // One that lasts for longer is as it was.
    assert.equal(await wallet.available(ours.fromId, ann), "600.00, 400.00 held");
    await capture(ours.txId);
    assert.equal((await wallet.ended(ours.txId, ann)).status, "SUCCESSFUL");
  });

  test("is its maker's alone: neither its receiver nor others decide it", async () => {
    const { txId } = await held("400");
    for (const as of [ben, wallet.newPerson(), wallet.operator]) {
      await assert.rejects(capture(txId, undefined, as), { code: "TRANSACTION_NOT_FOUND" });
      await assert.rejects(release(txId, as), { code: "TRANSACTION_NOT_FOUND" });
    }
    await assert.rejects(capture("9000000000000000000"), { code: "TRANSACTION_NOT_FOUND" });
    await release(txId);
  });

  test("of more than there is comes to nothing, and a transfer is no hold", async () => {
    const { fromId, toId } = await pair();
    const { txId } = await wallet.call("wallet.hold", { fromId, toId, amount: "1000.01" }, ann);
    const { status, code } = await wallet.ended(txId, ann);
    assert.deepEqual([status, code], ["INVALID", "funds_short"]);
    await assert.rejects(capture(txId), HOLD_ENDED);
    const sent = await wallet.call("wallet.transfer", { fromId, toId, amount: "1" }, ann);
    await wallet.ended(sent.txId, ann);
    await assert.rejects(capture(sent.txId), HOLD_ENDED);
    await assert.rejects(release(sent.txId), HOLD_ENDED);
  });

  test("within a shard is held, captured and released as well", async () => {
    const { fromId, toId } = await pair([1, 1]);
    const ids = ["300", "200"].map(async (amount) => {
      const { txId } = await wallet.call("wallet.hold", { fromId, toId, amount }, ann);
      await wallet.reaches("PROCESSING", txId, ann);
      return txId;
    });
    const [taken = "", left = ""] = await Promise.all(ids);
    assert.equal(await wallet.available(fromId, ann), "500.00, 500.00 held");
    await Promise.all([capture(taken), release(left)]);
    await Promise.all([taken, left].map((txId) => wallet.ended(txId, ann)));
    assert.equal(await wallet.available(fromId, ann), "700.00");
    assert.equal(await wallet.available(toId, ben), "1300.00");
  });

  test("with a key is one hold, however often it is asked for", async () => {
    const { fromId, toId } = await pair();
    const input = { fromId, toId, amount: "10", key: "one" };
    const { txId } = await wallet.call("wallet.hold", input, ann);
    assert.equal((await wallet.call("wallet.hold", input, ann)).txId, txId);
    for (const other of [{ amount: "11" }, { seconds: 60 }]) {
      const changed = wallet.call("wallet.hold", { ...input, ...other }, ann);
      await assert.rejects(changed, { code: "KEY_MISMATCH" });
    }
    await wallet.reaches("PROCESSING", txId, ann);
    assert.equal(await wallet.available(fromId, ann), "990.00, 10.00 held");
    await release(txId);
    await wallet.audit();
  });
});
