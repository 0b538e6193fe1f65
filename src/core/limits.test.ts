import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { CALL_BUDGET, inProportion, TokenBuckets } from "./limits.ts";

describe("token buckets", () => {
  it("grant the burst, then as many as are refilled", () => {
    const clock = createManualClock(0);
    const buckets = new TokenBuckets(clock, { burst: 3, perSecond: 2 });
    const granted = (key: string, tries: number) =>
      Array.from({ length: tries }, () => buckets.take(key)).filter((wait) => wait === 0).length;
    assert.equal(granted("a", 10), 3);
    assert.equal(buckets.take("a"), 500);
    clock.advance(500);
    assert.equal(granted("a", 10), 1);
    clock.advance(60_000);
    assert.equal(granted("a", 10), 3, "a bucket never holds more than its burst");
  });

  it("keep callers apart and forget the least recently seen", () => {
    const buckets = new TokenBuckets(createManualClock(0), { burst: 1, perSecond: 1 }, 2);
    assert.equal(buckets.take("a"), 0);
    assert.equal(buckets.take("b"), 0);
    assert.notEqual(buckets.take("a"), 0);
    assert.equal(buckets.take("c"), 0, "c pushes b out");
    assert.notEqual(buckets.take("a"), 0);
    assert.equal(buckets.take("b"), 0, "b begins anew");
  });

  it("tell how long to wait without taking anything", () => {
    const clock = createManualClock(0);
    const buckets = new TokenBuckets(clock, { burst: 1, perSecond: 2 });
    for (let look = 0; look < 3; look += 1) assert.equal(buckets.waitMs("a"), 0);
    assert.equal(buckets.take("a"), 0);
    assert.equal(buckets.waitMs("a"), 500);
    clock.advance(500);
    assert.equal(buckets.waitMs("a"), 0);
  });

  it("of a method grow and shrink with the general budget", () => {
    const budget = { burst: 30, perSecond: 0.5 };
    assert.deepEqual(inProportion(budget, CALL_BUDGET), budget);
    const { burst, perSecond } = CALL_BUDGET;
    const twice = { burst: 2 * burst, perSecond: 2 * perSecond };
    assert.deepEqual(inProportion(budget, twice), { burst: 60, perSecond: 1 });
    assert.equal(inProportion(budget, { burst: 1, perSecond: 1 }).burst, 1);
  });
});
