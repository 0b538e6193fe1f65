import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createWalletFixture } from "../../../../test/support/wallet-fixture.ts";

const wallet = await createWalletFixture();
after(() => wallet[Symbol.asyncDispose]());

const ann = wallet.newPerson();
const ben = wallet.newPerson();

async function pair(shards: readonly [number, number] = [0, 1]) {
  const fromId = await wallet.open(ann, shards[0]);
  const toId = await wallet.open(ben, shards[1]);
  return { fromId, toId };
}

const CASES = [
  ["across shards", [0, 1]],
  ["across shards, the other way", [1, 0]],
  ["within a shard", [1, 1]],
] as const;

describe("a transfer", () => {
  for (const [where, shards] of CASES) {
    test(`${where} arrives, and both sides see it`, async () => {
      const { fromId, toId } = await pair(shards);
      const sent = { fromId, toId, amount: "12.5", memo: "Lamp oil" };
      const { txId, status } = await wallet.call("wallet.transfer", sent, ann);
      assert.equal(status, "PENDING");
      const seen = { txId, kind: "transfer", status: "SUCCESSFUL", memo: "Lamp oil", code: null };
      const own = await wallet.ended(txId, ann);
      assert.partialDeepStrictEqual(own, { ...seen, amount: "-12.50", peerId: toId });
      const theirs = await wallet.ended(txId, ben);
      assert.partialDeepStrictEqual(theirs, { ...seen, amount: "+12.50", peerId: fromId });
      assert.equal(await wallet.available(fromId, ann), "987.50");
      assert.equal(await wallet.available(toId, ben), "1012.50");
    });

    test(`${where} that cannot be comes to nothing and says why`, async () => {
      const { fromId, toId } = await pair(shards);
      const nowhere = `${"9".repeat(40)}${shards[1]}`;
      const frozen = await wallet.open(ben, shards[1]);
      await wallet.call("wallet.freeze", { walletId: frozen, frozen: true }, wallet.operator);
      for (const [to, amount, note] of [
        [toId, "1000.01", "not enough funds in the wallet"],
        [nowhere, "1", "there is no such wallet"],
        [frozen, "1", "the wallet is frozen"],
      ] as const) {
        const sent = { fromId, toId: to, amount };
        const { txId } = await wallet.call("wallet.transfer", sent, ann);
        const refused = await wallet.ended(txId, ann);
        assert.deepEqual([refused.status, refused.note], ["INVALID", note]);
      }
      assert.equal(await wallet.available(fromId, ann), "1000.00");
      const all = { fromId, toId, amount: 1_000 };
      const { txId } = await wallet.call("wallet.transfer", all, ann);
      assert.equal((await wallet.ended(txId, ann)).status, "SUCCESSFUL");
      assert.equal(await wallet.available(fromId, ann), "0.00");
    });
  }

  test("is one transfer under one key, however often and wherever it is asked for", async () => {
    const { fromId, toId } = await pair();
    const input = { fromId, toId, amount: "5" };
    const { txId } = await wallet.call("wallet.transfer", input, ann, "header-1");
    assert.equal((await wallet.call("wallet.transfer", input, ann, "header-1")).txId, txId);
    // The client's own name is the same whether it comes in the header or in the body.
    const named = { ...input, key: "header-1" };
    assert.equal((await wallet.call("wallet.transfer", named, ann)).txId, txId);
    // How the amount is written makes no other transfer.
    const written = { ...input, amount: "5.00" };
    assert.equal((await wallet.call("wallet.transfer", written, ann, "header-1")).txId, txId);
    await wallet.ended(txId, ann);
    const again = await wallet.call("wallet.transfer", input, ann, "header-1");
    assert.deepEqual(again, { txId, status: "SUCCESSFUL" });
    for (const other of [{ amount: "6" }, { memo: "x" }, { toId: "77" }]) {
      const changed = wallet.call("wallet.transfer", { ...input, ...other }, ann, "header-1");
      await assert.rejects(changed, { code: "KEY_MISMATCH", kind: "rejected" });
    }
    assert.equal(await wallet.available(fromId, ann), "995.00");
    // Another person's key of the same name is another key.
    const back = { fromId: toId, toId: fromId, amount: "5" };
    const theirs = await wallet.call("wallet.transfer", back, ben, "header-1");
    assert.notEqual(theirs.txId, txId);
  });

  test("with a key as long as a frame of the socket is one transfer as well", async () => {
    const { fromId, toId } = await pair();
    const transfers = Array.from({ length: 100 }, () => ({ fromId, toId, amount: "0.01" }));
    const key = JSON.stringify(["eid", 1, { transfers, together: true }]);
    assert.ok(key.length > 5_000);
    const input = { transfers, together: true };
    const first = await wallet.call("wallet.transferMany", input, ann, key);
    const again = await wallet.call("wallet.transferMany", input, ann, key);
    const idsOf = ({ transfers: all }: typeof first) => all.map(({ txId }) => txId);
    assert.deepEqual(idsOf(again), idsOf(first));
    await wallet.ended(idsOf(first)[0] ?? "", ann);
    assert.equal(await wallet.available(fromId, ann), "999.00");
  });
});

describe("many transfers", () => {
  const ids = (answer: { transfers: readonly { txId: string }[] }) =>
    answer.transfers.map(({ txId }) => txId);
  const statuses = async (txIds: readonly string[]) => {
    const ended = await Promise.all(txIds.map((txId) => wallet.ended(txId, ann)));
    return ended.map(({ status, code }) => (code === null ? status : `${status} ${code}`));
  };

  test("together happen all, over several wallets and shards", async () => {
    const [one, two] = [await pair([0, 1]), await pair([1, 1])];
    const transfers = [
      { ...one, amount: "1" },
      { ...two, amount: "2" },
      { ...one, amount: "3" },
    ];
    const answer = await wallet.call("wallet.transferMany", { transfers, together: true }, ann);
    assert.deepEqual(await statuses(ids(answer)), Array(3).fill("SUCCESSFUL"));
    assert.equal(await wallet.available(one.fromId, ann), "996.00");
    assert.equal(await wallet.available(two.toId, ben), "1002.00");
  });

  test("together happen none when one of them cannot", async () => {
    const [one, two] = [await pair([0, 1]), await pair([1, 1])];
    const transfers = [
      { ...one, amount: "600" },
      { ...two, amount: "2" },
      { ...one, amount: "400.01" },
    ];
    const answer = await wallet.call("wallet.transferMany", { transfers, together: true }, ann);
    assert.deepEqual(await statuses(ids(answer)), [
      "INVALID bundle_refused",
      "INVALID bundle_refused",
      "INVALID funds_short",
    ]);
    assert.equal(await wallet.available(one.fromId, ann), "1000.00");
    assert.equal(await wallet.available(two.fromId, ann), "1000.00");
    assert.equal(await wallet.available(two.toId, ben), "1000.00");
  });

  test("each on its own happen as far as they can", async () => {
    const one = await pair();
    const transfers = [
      { ...one, amount: "600" },
      { ...one, amount: "600" },
      { ...one, amount: "400" },
    ];
    const answer = await wallet.call("wallet.transferMany", { transfers, together: false }, ann);
    assert.deepEqual(await statuses(ids(answer)), [
      "SUCCESSFUL",
      "INVALID funds_short",
      "SUCCESSFUL",
    ]);
    assert.equal(await wallet.available(one.fromId, ann), "0.00");
  });

  for (const together of [true, false]) {
    const how = together ? "together" : "each on its own";
    test(`${how}, under one key: the same again has no effect, other ones are refused`, async () => {
      const one = await pair();
      const transfers = ["1", "2"].map((amount) => ({ ...one, amount }));
      const input = { transfers, together };
      const key = `many ${together}`;
      const answer = await wallet.call("wallet.transferMany", input, ann, key);
      await statuses(ids(answer));
      const again = await wallet.call("wallet.transferMany", input, ann, key);
      assert.deepEqual(ids(again), ids(answer));
      assert.equal(await wallet.available(one.fromId, ann), "997.00");
      for (const other of [
        { transfers: transfers.toReversed(), together },
        { transfers: [...transfers, ...transfers], together },
        { transfers, together: !together },
      ]) {
        const refused = wallet.call("wallet.transferMany", other, ann, key);
        await assert.rejects(refused, { code: "KEY_MISMATCH" });
      }
      assert.equal(await wallet.available(one.fromId, ann), "997.00");
    });
  }

  test("are refused before anything happens when one of them is no transfer of one's own", async () => {
    const one = await pair();
    const back = { fromId: one.toId, toId: one.fromId, amount: "1" };
    const same = { ...one, toId: one.fromId, amount: "1" };
    const nothing = { ...one, amount: "0" };
    for (const [bad, code] of [
      [back, "WALLET_NOT_FOUND"],
      [same, "SAME_WALLET"],
      [nothing, "AMOUNT_INVALID"],
    ] as const) {
      for (const together of [true, false]) {
        const transfers = [{ ...one, amount: "1" }, bad];
        const input = { transfers, together };
        await assert.rejects(wallet.call("wallet.transferMany", input, ann), { code });
      }
    }
    assert.equal(await wallet.available(one.fromId, ann), "1000.00");
  });
});

describe("a reversal", () => {
  const reverse = (txId: string, key?: string) => wallet.call("wallet.reverse", { txId }, ben, key);
  async function sent(amount: string) {
    const ends = await pair();
    const { txId } = await wallet.call("wallet.transfer", { ...ends, amount }, ann);
    await wallet.ended(txId, ann);
    return { ...ends, txId };
  }
  const NOT_REVERSIBLE = { code: "NOT_REVERSIBLE", kind: "conflict" };

  test("sends back what was received, once", async () => {
    const { fromId, toId, txId } = await sent("40");
    const back = await reverse(txId, "back");
    const view = await wallet.ended(back.txId, ann);
    assert.partialDeepStrictEqual(view, {
      kind: "reversal",
      status: "SUCCESSFUL",
      amount: "+40.00",
      reverses: txId,
    });
    assert.equal((await reverse(txId, "back")).txId, back.txId, "the same call");
    await assert.rejects(reverse(txId), NOT_REVERSIBLE);
    await assert.rejects(reverse(back.txId), { code: "NOT_REVERSIBLE" }, "it is no transfer");
    assert.equal(await wallet.available(fromId, ann), "1000.00");
    assert.equal(await wallet.available(toId, ben), "1000.00");
  });

  test("that came to nothing can be tried again", async () => {
    const { fromId, toId, txId } = await sent("40");
    const elsewhere = await wallet.open(ben, 0);
    const away = { fromId: toId, toId: elsewhere, amount: "1010" };
    await wallet.ended((await wallet.call("wallet.transfer", away, ben)).txId, ben);
    const poor = await reverse(txId);
    assert.equal((await wallet.ended(poor.txId, ben)).code, "funds_short");
    const home = { fromId: elsewhere, toId, amount: "1010" };
    await wallet.ended((await wallet.call("wallet.transfer", home, ben)).txId, ben);
    const again = await reverse(txId);
    assert.equal((await wallet.ended(again.txId, ben)).status, "SUCCESSFUL");
    await assert.rejects(reverse(txId), NOT_REVERSIBLE);
    assert.equal(await wallet.available(fromId, ann), "1000.00");
  });

  test("asked for by a crowd at once happens once", async () => {
    const { fromId, txId } = await sent("40");
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => reverse(txId)));
    const taken = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value.txId] : []));
    assert.equal(taken.length, 1);
    await wallet.ended(taken[0] ?? "", ben);
    assert.equal(await wallet.available(fromId, ann), "1000.00");
  });

  test("takes back what a capture took, and not all of the hold", async () => {
    const ends = await pair();
    const { txId } = await wallet.call("wallet.hold", { ...ends, amount: "40" }, ann);
    await wallet.reaches("PROCESSING", txId, ann);
    await assert.rejects(reverse(txId), NOT_REVERSIBLE, "it has not happened");
    await wallet.call("wallet.capture", { txId, amount: "15" }, ann);
    await wallet.ended(txId, ann);
    const back = await reverse(txId);
    assert.equal((await wallet.ended(back.txId, ben)).amount, "-15.00");
    assert.equal(await wallet.available(ends.fromId, ann), "1000.00");
  });

  test("gives money that was issued back to where it came into being", async () => {
    const toId = await wallet.open(ben, 1);
    const { last } = await wallet.call("wallet.balance", { walletId: toId }, ben);
    const back = await reverse(last?.txId ?? "");
    const { status, amount, peerId } = await wallet.ended(back.txId, ben);
    assert.deepEqual([status, amount, peerId], ["SUCCESSFUL", "-1000.00", null]);
    assert.equal(await wallet.available(toId, ben), "0.00");
  });

  test("is for the receiver; who has paid is refused, and nobody else is told a thing", async () => {
    const { txId } = await sent("40");
    await assert.rejects(wallet.call("wallet.reverse", { txId }, ann), NOT_REVERSIBLE);
    const stranger = wallet.call("wallet.reverse", { txId }, wallet.newPerson());
    await assert.rejects(stranger, { code: "TRANSACTION_NOT_FOUND" });
  });

  test("leaves books that add up", () => wallet.audit());
});
