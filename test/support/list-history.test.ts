import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Append, findAnomalies, type ListHistory, type ListRead } from "./list-history.ts";

/** One list, to which a, b and c were added one after the other, and which was read in between. */
const append = (item: string, beganMs: number, endedMs: number | undefined): Append => ({
  list: "x",
  item,
  beganMs,
  endedMs,
});
const read = (items: string, beganMs: number, endedMs: number): ListRead => ({
  list: "x",
  items: [...items],
  beganMs,
  endedMs,
});
const APPENDS = [append("a", 0, 10), append("b", 20, 30), append("c", 40, 50)];
const READS = [read("a", 12, 15), read("ab", 32, 45), read("abc", 41, 48), read("abc", 60, 70)];

function anomaliesWith(planted: Partial<Record<"appends" | "reads", unknown[]>>, final = "abc") {
  const history = {
    appends: APPENDS,
    reads: READS,
    ...planted,
    finals: new Map([["x", [...final]]]),
  };
  return findAnomalies(history as ListHistory);
}

describe("the check of what was seen of lists", () => {
  test("finds nothing where nothing is wrong", () => {
    assert.deepEqual(anomaliesWith({}), []);
    const open = [...APPENDS, append("d", 45, undefined)];
    assert.deepEqual(anomaliesWith({ appends: open }), [], "nobody was promised this one");
    assert.deepEqual(anomaliesWith({ appends: open }, "abcd"), [], "it may be there as well");
  });

  test("operations at the same time may come in either order", () => {
    const appends = [append("b", 0, 30), append("a", 0, 30)];
    const reads = [read("", 5, 20), read("a", 5, 20), read("ab", 6, 7)];
    assert.deepEqual(anomaliesWith({ appends, reads }, "ab"), []);
  });

  const PLANTED: ReadonlyArray<readonly [string, RegExp, Parameters<typeof anomaliesWith>]> = [
    ["an entry that is lost", /c was promised and is lost/, [{ reads: [] }, "ab"]],
    ["an entry twice", /twice in the end/, [{ reads: [] }, "abca"]],
    ["an entry of nobody", /nobody asked z/, [{}, "abcz"]],
    ["a read that skips", /had c at 1, where b is/, [{ reads: [read("ac", 60, 70)] }]],
    ["a read that repeats", /had b at 2, where c is/, [{ reads: [read("abb", 60, 70)] }]],
    ["a read in another order", /had b at 0, where a is/, [{ reads: [read("ba", 60, 70)] }]],
    [
      "a read of what is gone",
      /had c at 2, where nothing is/,
      [{ appends: APPENDS.slice(0, 2) }, "ab"],
    ],
    [
      "a read that does not have what was promised before it",
      /a read of 1 began at 32, after b had ended at 30/,
      [{ reads: [read("a", 32, 35)] }],
    ],
    [
      "a read that has what was asked for after it",
      /c began at 40, after a read of 3 had ended at 39/,
      [{ reads: [read("abc", 32, 39)] }],
    ],
    [
      "reads that go back",
      /a read of 1 began at 28, after a read of 2 had ended at 25/,
      [{ reads: [read("ab", 21, 25), read("a", 28, 29)] }],
    ],
    [
      "entries in another order than they were promised in",
      /b began at 20, after a had ended at 10/,
      [{ reads: [] }, "bac"],
    ],
  ];
  for (const [what, anomaly, planted] of PLANTED) {
    test(`finds ${what}`, () => {
      const found = anomaliesWith(...planted);
      assert.ok(
        found.some((sentence) => anomaly.test(sentence)),
        found.join("\n"),
      );
    });
  }

  test("looks at each list by itself, and stops after some sentences", () => {
    const lists = Array.from({ length: 100 }, (_, at) => `list ${at}`);
    const reads = lists.map((list) => ({ ...read("z", 0, 1), list }));
    const finals = new Map(lists.map((list) => [list, []]));
    assert.equal(findAnomalies({ appends: [], reads, finals }).length, 20);
  });
});
