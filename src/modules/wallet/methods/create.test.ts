import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createWalletFixture } from "../../../../test/support/wallet-fixture.ts";
import { newWalletNumber } from "../../../../test/support/wallet-funds.ts";
import type { Person } from "../../../core/actor.ts";
import type { Entry } from "../types.ts";

const wallet = await createWalletFixture();
after(() => wallet[Symbol.asyncDispose]());

const ann = wallet.newPerson();
const ben = wallet.newPerson();
const { operator } = wallet;

async function send(fromId: string, toId: string, amount: string, as: Person = ann) {
  const { txId } = await wallet.call("wallet.transfer", { fromId, toId, amount }, as);
  return wallet.ended(txId, as);
}

/** A wallet of an asset of its own, which has no money to begin with but what is issued. */
async function openIn(owner: Person, asset: { code: string; scale: number }, shard = 0) {
  const walletId = `${newWalletNumber()}${shard}`;
  await wallet.call("wallet.saveAsset", { ...asset, name: "Of a test" }, operator);
  await wallet.call("wallet.create", { walletId, asset: asset.code }, owner);
  const isOpen = async () => {
    const { state, last } = await wallet.call("wallet.balance", { walletId }, owner);
    return state === "open" && last?.status === "SUCCESSFUL";
  };
  await waitFor(isOpen, { what: "the wallet is open" });
  return walletId;
}

describe("a wallet", () => {
  test("is taken once: again by its owner changes nothing, by others is refused", async () => {
    const walletId = await wallet.open(ann);
    assert.deepEqual(await wallet.call("wallet.create", { walletId }, ann), { walletId });
    await assert.rejects(wallet.call("wallet.create", { walletId }, ben), {
      code: "WALLET_TAKEN",
      kind: "conflict",
    });
    assert.equal(await wallet.available(walletId, ann), "1000.00");
  });

  test("of one's own is none of another asset", async () => {
    const walletId = await wallet.open(ann);
    const input = { walletId, asset: "OATS" };
    await wallet.call("wallet.saveAsset", { code: "OATS", name: "Oats", scale: 2 }, operator);
    await assert.rejects(wallet.call("wallet.create", input, ann), {
      code: "ASSET_DIFFERS",
      kind: "conflict",
      message:
        "The wallet of this number keeps another asset. Choose another number, or its asset.",
    });
    await assert.rejects(wallet.call("wallet.create", input, ben), { code: "WALLET_TAKEN" });
    const { asset } = await wallet.call("wallet.balance", { walletId }, ann);
    assert.equal(asset, "COIN");
  });

  test("wanted by a crowd at once is one person's", async () => {
    const walletId = newWalletNumber();
    const people = Array.from({ length: 20 }, () => wallet.newPerson());
    const tries = await Promise.allSettled(
      people.map((person) => wallet.call("wallet.create", { walletId }, person)),
    );
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("of 64 digits is one like others, and leading zeros are digits", async () => {
    for (const walletId of [`${"9".repeat(63)}8`, `${"0".repeat(20)}${process.pid}`, "0"]) {
      await wallet.call("wallet.create", { walletId }, ann);
      const isOpen = async () => (await wallet.available(walletId, ann)) === "1000.00";
      await waitFor(isOpen, { what: "the wallet is open" });
    }
  });

  test("of no asset that there is, is not opened", async () => {
    const input = { walletId: "5", asset: "GONE" };
    await assert.rejects(wallet.call("wallet.create", input, ann), { code: "ASSET_NOT_FOUND" });
  });

  test("is closed when it is empty, for good, and not before", async () => {
    const [walletId, other] = [await wallet.open(ann, 0), await wallet.open(ann, 1)];
    const close = () => wallet.call("wallet.close", { walletId }, ann);
    await assert.rejects(close(), { code: "WALLET_USED", kind: "conflict" });
    const { txId } = await wallet.call(
      "wallet.hold",
      { fromId: walletId, toId: other, amount: "1000" },
      ann,
    );
    await wallet.reaches("PROCESSING", txId, ann);
    await assert.rejects(close(), { code: "WALLET_USED" });
    await wallet.call("wallet.capture", { txId }, ann);
    await wallet.ended(txId, ann);
    const foreign = wallet.call("wallet.close", { walletId }, ben);
    await assert.rejects(foreign, { code: "WALLET_NOT_FOUND" });
    await close();
    await close();
    const refused = await send(other, walletId, "1");
    assert.deepEqual([refused.status, refused.note], ["INVALID", "the wallet is closed"]);
    const { state } = await wallet.call("wallet.balance", { walletId }, ann);
    assert.equal(state, "closed");
    const freeze = { walletId, frozen: false };
    await assert.rejects(wallet.call("wallet.freeze", freeze, operator), {
      code: "WALLET_CLOSED",
    });
    const { entries } = await wallet.call("wallet.statement", { walletId }, ann);
    assert.deepEqual(
      entries.map(({ amount }) => amount),
      ["-1000.00", "+1000.00"],
    );
  });

  test("is frozen and let go again by operators", async () => {
    const [walletId, other] = [await wallet.open(ann, 0), await wallet.open(ben, 1)];
    await wallet.call("wallet.freeze", { walletId, frozen: true }, operator);
    assert.equal((await send(walletId, other, "1")).code, "wallet_frozen");
    assert.equal((await send(other, walletId, "1", ben)).code, "wallet_frozen");
    await wallet.call("wallet.freeze", { walletId, frozen: false }, operator);
    assert.equal((await send(walletId, other, "1")).status, "SUCCESSFUL");
    const unknown = { walletId: "404", frozen: true };
    await assert.rejects(wallet.call("wallet.freeze", unknown, operator), {
      code: "WALLET_NOT_FOUND",
    });
  });

  test("is spent below zero as far as its overdraft goes, and keeps it while it is used", async () => {
    const [walletId, other] = [await wallet.open(ann, 0), await wallet.open(ben, 1)];
    const allow = (overdraft: string) =>
      wallet.call("wallet.setOverdraft", { walletId, overdraft }, operator);
    await allow("50.00");
    assert.equal(await wallet.available(walletId, ann), "1050.00");
    assert.equal((await send(walletId, other, "1050.01")).code, "funds_short");
    assert.equal((await send(walletId, other, "1030")).status, "SUCCESSFUL");
    const { posted, available, overdraft } = await wallet.call("wallet.balance", { walletId }, ann);
    assert.deepEqual(
      { posted, available, overdraft },
      {
        posted: "-30.00",
        available: "20.00",
        overdraft: "50.00",
      },
    );
    await assert.rejects(allow("29.99"), { code: "OVERDRAFT_USED", kind: "conflict" });
    await assert.rejects(allow("0"), { code: "OVERDRAFT_USED" });
    await assert.rejects(allow("1.001"), { code: "AMOUNT_INVALID" });
    await allow("30");
    assert.equal(await wallet.available(walletId, ann), "0.00");
    await send(other, walletId, "30", ben);
    await allow("0.00");
    assert.equal(await wallet.available(walletId, ann), "0.00");
  });
});

describe("assets", () => {
  test("of other scales are counted in their own digits, and nothing is lost", async () => {
    const digits = { code: "SATS", scale: 8 };
    const [from, to] = [await openIn(ann, digits, 0), await openIn(ben, digits, 1)];
    const before = await wallet.available(to, ben);
    assert.match(before, /^\d+\.\d{8}$/);
    const issue = { toId: from, amount: "2.00000001" };
    await wallet.call("wallet.issue", issue, operator);
    assert.equal((await send(from, to, "0.00000001")).amount, "-0.00000001");
    const small = wallet.call(
      "wallet.transfer",
      { fromId: from, toId: to, amount: "0.000000001" },
      ann,
    );
    await assert.rejects(small, { code: "AMOUNT_INVALID", data: { scale: 8, digitsMax: 18 } });
  });

  test("without digits behind the point take whole amounts only", async () => {
    const whole = { code: "BEANS", scale: 0 };
    const [from, to] = [await openIn(ann, whole, 1), await openIn(ben, whole, 1)];
    assert.match(await wallet.available(from, ann), /^\d+$/);
    assert.equal((await send(from, to, "7")).amount, "-7");
    const half = wallet.call("wallet.transfer", { fromId: from, toId: to, amount: "0.5" }, ann);
    await assert.rejects(half, { code: "AMOUNT_INVALID" });
  });

  test("do not mix", async () => {
    const [from, to] = [
      await wallet.open(ann, 0),
      await openIn(ben, { code: "PEAS", scale: 2 }, 1),
    ];
    const { status, note } = await send(from, to, "1");
    assert.deepEqual([status, note], ["INVALID", "the wallet keeps another asset"]);
    assert.equal(await wallet.available(from, ann), "1000.00");
  });

  test("get other names, never another scale", async () => {
    const asset = { code: "CORN", name: "Corn", scale: 3 };
    await wallet.call("wallet.saveAsset", asset, operator);
    await wallet.call("wallet.saveAsset", { ...asset, name: "Maize" }, operator);
    const { assets } = await wallet.call("wallet.assets", {});
    assert.deepEqual(
      assets.find(({ code }) => code === "CORN"),
      { ...asset, name: "Maize" },
    );
    const other = wallet.call("wallet.saveAsset", { ...asset, scale: 2 }, operator);
    await assert.rejects(other, { code: "ASSET_FIXED" });
  });
});

describe("issued money", () => {
  test("comes into being once a key, and everything sums to zero", async () => {
    const toId = await wallet.open(ann, 1);
    const input = { toId, amount: "250", memo: "Welcome", key: "issue-1" };
    const { txId } = await wallet.call("wallet.issue", input, operator);
    assert.equal((await wallet.call("wallet.issue", input, operator)).txId, txId);
    const seen = await wallet.ended(txId, ann);
    assert.partialDeepStrictEqual(seen, { kind: "issue", amount: "+250.00", peerId: null });
    assert.equal(await wallet.available(toId, ann), "1250.00");
    const nowhere = wallet.call("wallet.issue", { toId: "404", amount: "1" }, operator);
    await assert.rejects(nowhere, { code: "WALLET_NOT_FOUND" });
    const nobody = wallet.call("wallet.issue", input, ann);
    await assert.rejects(nobody, { code: "FORBIDDEN" });
    await wallet.audit();
  });
});

describe("money issued in an asset", () => {
  test("comes to wallets that keep it alone", async () => {
    const toId = await openIn(ann, { code: "RICE", scale: 3 });
    const before = await wallet.available(toId, ann);
    const issue = (asset: string) =>
      wallet.call("wallet.issue", { toId, amount: "0.005", asset }, operator);
    await assert.rejects(issue("COIN"), { code: "ASSET_DIFFERS", kind: "conflict" });
    assert.equal(await wallet.available(toId, ann), before);
    const { txId } = await issue("RICE");
    assert.equal((await wallet.ended(txId, ann)).amount, "+0.005");
  });
});

describe("the past of a wallet", () => {
  test("is told entry by entry, in pages, and of a period", async () => {
    const [walletId, other] = [await wallet.open(ann, 0), await wallet.open(ben, 1)];
    for (const amount of ["1", "2", "3", "4"]) await send(walletId, other, amount);
    await send(other, walletId, "10", ben);
    await send(walletId, other, "5000");
    const all: Entry[] = [];
    let before: number | null | undefined;
    let pages = 0;
    while (before !== null) {
      // The last page is exactly full, and nothing is behind it.
      const page = { walletId, limit: 3, ...(before === undefined ? {} : { before }) };
      const answer = await wallet.call("wallet.statement", page, ann);
      all.push(...answer.entries);
      before = answer.before;
      pages += 1;
    }
    assert.equal(pages, 2);
    assert.deepEqual(
      all.map(({ amount, balanceAfter }) => [amount, balanceAfter]),
      [
        ["+10.00", "1000.00"],
        ["-4.00", "990.00"],
        ["-3.00", "994.00"],
        ["-2.00", "997.00"],
        ["-1.00", "999.00"],
        ["+1000.00", "1000.00"],
      ],
    );
    const [newest, third] = [all[0]?.atMs ?? 0, all[2]?.atMs ?? 0];
    const period = { walletId, fromMs: third, toMs: newest };
    const { entries } = await wallet.call("wallet.statement", period, ann);
    const expected = all.filter(({ atMs }) => atMs >= third && atMs < newest);
    assert.deepEqual(entries, expected);
    assert.ok(expected.length > 0 && expected.length < all.length);
  });

  test("says what was there at a moment", async () => {
    const [walletId, other] = [await wallet.open(ann, 1), await wallet.open(ben, 0)];
    for (const amount of ["1", "2", "3"]) await send(walletId, other, amount);
    const { entries } = await wallet.call("wallet.statement", { walletId }, ann);
    const postedAt = async (atMs: number) =>
      (await wallet.call("wallet.balanceAt", { walletId, atMs }, ann)).posted;
    const last = new Map(
      entries.toReversed().map(({ atMs, balanceAfter }) => [atMs, balanceAfter]),
    );
    for (const [atMs, balance] of last) assert.equal(await postedAt(atMs), balance);
    const first = entries.at(-1)?.atMs ?? 0;
    assert.equal(await postedAt(first - 1), "0.00");
    assert.equal(await postedAt(0), "0.00");
    assert.equal(await postedAt(first + 10 * 86_400_000), "994.00");
    const foreign = wallet.call("wallet.balanceAt", { walletId, atMs: 1 }, ben);
    await assert.rejects(foreign, { code: "WALLET_NOT_FOUND" });
  });

  test("lists transactions from both ends, refused ones too, page by page", async () => {
    const [walletId, other] = [await wallet.open(ann, 0), await wallet.open(ben, 1)];
    for (const amount of ["1", "2000", "3"]) await send(walletId, other, amount);
    const read = async (from: "oldest" | "newest", limit: number) => {
      const amounts: string[] = [];
      let pages = 0;
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = { walletId, from, limit, ...(cursor === undefined ? {} : { cursor }) };
        const answer = await wallet.call("wallet.transactions", page, ann);
        amounts.push(...answer.transactions.map(({ amount, status }) => `${amount} ${status}`));
        cursor = answer.cursor;
        pages += 1;
      }
      assert.equal(pages, Math.ceil(amounts.length / limit));
      return amounts;
    };
    const expected = [
      "+1000.00 SUCCESSFUL",
      "-1.00 SUCCESSFUL",
      "-2000.00 INVALID",
      "-3.00 SUCCESSFUL",
    ];
    for (const limit of [2, 3, 4, 5]) {
      assert.deepEqual(await read("oldest", limit), expected);
      assert.deepEqual(await read("newest", limit), expected.toReversed());
    }
  });
});
