import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { createSeededRandom } from "../../test/support/seeded-random.ts";
import { createIds } from "./ids.ts";
import { Uuid } from "./schema.ts";

const START_MS = Date.UTC(2026, 0, 1);

describe("ids", () => {
  it("are UUIDs of version 7 that tell their time", () => {
    const clock = createManualClock(START_MS);
    const id = createIds(clock, createSeededRandom(1)).uuid();
    assert.equal(Uuid.parse(id), id);
    assert.match(id, /^.{14}7.{4}[89ab]/);
    assert.equal(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), START_MS);
  });

  it("grow within a millisecond, over its counter's end, and when the clock is set back", () => {
    const clock = createManualClock(START_MS);
    const ids = createIds(clock, createSeededRandom(2));
    const made: string[] = [];
    for (let i = 0; i < 5_000; i += 1) made.push(ids.uuid());
    clock.jump(-86_400_000);
    for (let i = 0; i < 5_000; i += 1) made.push(ids.uuid());
    clock.advance(1);
    made.push(ids.uuid());
    assert.deepEqual(made, made.toSorted());
    assert.equal(new Set(made).size, made.length);
  });
});
