import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../src/modules/wallet/types.ts";
import {
  collect,
  joinPages,
  type StatementPage,
  statementCsv,
  statementJson,
} from "./statement.ts";

function entry(version: number, more: Partial<Entry> = {}): Entry {
  return {
    txId: String(version),
    amount: "+1.00",
    balanceAfter: `${version}.00`,
    kind: "transfer",
    peerId: "1002",
    memo: null,
    atMs: version * 1_000,
    ...more,
  };
}

/** Pages of two entries, from the newest, as the service gives them. */
function pagesOf(versions: number) {
  const asked: Array<number | undefined> = [];
  const read = async (before = versions + 1): Promise<StatementPage> => {
    asked.push(before);
    const page = [before - 1, before - 2].filter((version) => version > 0);
    return {
      entries: page.map((version) => entry(version)),
      before: page.length < 2 ? null : (page.at(-1) ?? null),
    };
  };
  return { read, asked };
}

const nothing = () => {};

test("a period is read page by page to its end, and comes from the oldest", async () => {
  for (const versions of [0, 1, 2, 5]) {
    const { read } = pagesOf(versions);
    const progress: number[] = [];
    const entries = await collect(read, {
      signal: new AbortController().signal,
      onProgress: (count) => progress.push(count),
    });
    const all = Array.from({ length: versions }, (_, at) => String(at + 1));
    assert.deepEqual(
      entries.map(({ txId }) => txId),
      all,
    );
    assert.equal(progress.at(-1), versions);
  }
});

test("reading stops where it is cancelled, and gives nothing", async () => {
  const { read, asked } = pagesOf(100);
  const stopping = new AbortController();
  const collecting = collect(read, {
    signal: stopping.signal,
    onProgress: (count) => count >= 4 && stopping.abort(),
  });
  await assert.rejects(collecting, { name: "AbortError" });
  assert.ok(asked.length <= 3);
});

test("what has been posted meanwhile is put before what is shown", () => {
  const page = (versions: readonly number[], before: number | null) => ({
    entries: versions.map((version) => entry(version)),
    before,
  });
  const shown = page([5, 4, 3, 2], 2);
  assert.deepEqual(joinPages(page([6, 5, 4], 4), shown), page([6, 5, 4, 3, 2], 2));
  assert.deepEqual(joinPages(page([5, 4, 3], 3), shown), shown);
  assert.deepEqual(joinPages(page([9, 8, 7], 7), shown), page([9, 8, 7], 7), "there is a gap");
  assert.deepEqual(joinPages(page([1], null), undefined), page([1], null));
  assert.deepEqual(joinPages(page([], null), page([], null)), page([], null));
});

test("a statement as CSV keeps texts texts, amounts numbers and lines lines", () => {
  const entries = [
    entry(1, { memo: '=HYPERLINK("http://x"), now', amount: "-12.50", balanceAfter: "-0.50" }),
    entry(2, { memo: "two\nlines", peerId: null, kind: "issue" }),
    entry(3, { memo: "@SUM(A1)" }),
  ];
  const statement = { walletId: "1001", asset: "COIN", fromMs: 0, toMs: 5_000, entries };
  const text = statementCsv(statement);
  assert.equal(
    text,
    "time,transaction,kind,other_wallet,memo,amount,balance,asset\r\n" +
      '1970-01-01T00:00:01.000Z,1,transfer,1002,"\'=HYPERLINK(""http://x""), now",' +
      "-12.50,-0.50,COIN\r\n" +
      '1970-01-01T00:00:02.000Z,2,issue,,"two\nlines",1.00,2.00,COIN\r\n' +
      "1970-01-01T00:00:03.000Z,3,transfer,1002,'@SUM(A1),1.00,3.00,COIN\r\n",
  );
});

test("a statement as JSON says what it is of, with amounts as texts", async () => {
  const { read } = pagesOf(2);
  const entries = await collect(read, {
    signal: new AbortController().signal,
    onProgress: nothing,
  });
  const written = JSON.parse(
    statementJson({ walletId: "1001", asset: "COIN", fromMs: 0, toMs: 5_000, entries }),
  );
  assert.deepEqual(
    [written.wallet, written.asset, written.from, written.before],
    ["1001", "COIN", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:05.000Z"],
  );
  assert.deepEqual(written.entries[1], {
    time: "1970-01-01T00:00:02.000Z",
    transaction: "2",
    kind: "transfer",
    otherWallet: "1002",
    memo: null,
    amount: "1.00",
    balance: "2.00",
  });
});
