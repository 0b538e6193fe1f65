import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import "../../test/support/database.ts";
import { createHarness, newPerson } from "../../test/support/module-harness.ts";
import { defineError } from "./errors.ts";
import { defineMethod } from "./method.ts";
import type { Module } from "./module.ts";

const refused = defineError({ code: "REFUSED", kind: "rejected", message: "Not this one." });

/** A gate that counts who tries it, whether they get in or not. */
function gates(
  beforeJudging?: (tried: number) => Promise<void>,
): Module & { tried: number; passed: number } {
  const state = { tried: 0, passed: 0 };
  const enter = defineMethod({
    name: "gates.enter",
    summary: "Lets through whoever knows the word.",
    access: "anyone",
    input: z.strictObject({ word: z.string() }),
    output: z.strictObject({ passed: z.int(), word: z.string() }),
    errors: [refused],
    transaction: "write",
    async prepare({ input, work }) {
      state.tried += 1;
      await beforeJudging?.(state.tried);
      if (input.word === "once" && state.passed > 0) throw refused();
      await work.write(async ({ tx }) => assert.ok(tx));
      if (input.word === "wrong") throw refused();
      return { heard: input.word.toUpperCase() };
    },
    async handle({ prepared }) {
      state.passed += 1;
      return { passed: state.passed, word: prepared.heard };
    },
  });
  return Object.assign(state, { name: "gates", methods: { enter }, subscriptions: {}, rest: [] });
}

describe("what a method prepares", () => {
  test("comes before its transaction, and its own writes are not in it", async () => {
    const module = gates();
    await using harness = await createHarness({ modules: () => [module] });
    assert.deepEqual(await harness.call("gates.enter", { word: "open" }), {
      passed: 1,
      word: "OPEN",
    });
    await assert.rejects(harness.call("gates.enter", { word: "wrong" }), { code: "REFUSED" });
    assert.deepEqual([module.tried, module.passed], [2, 1]);
  });

  test("is not prepared again for a repeat, which gets the first answer", async () => {
    const module = gates();
    await using harness = await createHarness({ modules: () => [module] });
    const { ids, clock } = harness.ports;
    const person = newPerson(ids, clock);
    const enter = (word: string, key: string) => harness.call("gates.enter", { word }, person, key);
    const first = await enter("open", "one");
    assert.deepEqual(await enter("open", "one"), first);
    assert.deepEqual([module.tried, module.passed], [1, 1]);
    await assert.rejects(enter("other", "one"), { code: "REPEAT_MISMATCH" });
    assert.deepEqual([module.tried, module.passed], [1, 1]);
    await enter("open", "two");
    assert.deepEqual([module.tried, module.passed], [2, 2]);
  });

  test("a failure leaves nothing, so that its repeat is tried afresh", async () => {
    const module = gates();
    await using harness = await createHarness({ modules: () => [module] });
    const { ids, clock } = harness.ports;
    const person = newPerson(ids, clock);
    for (let times = 1; times <= 2; times += 1) {
      const call = harness.call("gates.enter", { word: "wrong" }, person, "key");
      await assert.rejects(call, { code: "REFUSED" });
      assert.equal(module.tried, times);
    }
  });

  test("of two repeats at once one has the effect, and both the same answer", async () => {
    const module = gates();
    await using harness = await createHarness({ modules: () => [module] });
    const { ids, clock } = harness.ports;
    const person = newPerson(ids, clock);
    const enter = () => harness.call("gates.enter", { word: "open" }, person, "key");
    const [one, two] = await Promise.all([enter(), enter()]);
    assert.deepEqual(one, two);
    assert.equal(module.passed, 1);
  });

  test("a repeat that finds the effect done while it prepares gets the first answer", async () => {
    const first = Promise.withResolvers<unknown>();
    const module = gates(async (tried) => {
      if (tried === 2) await first.promise;
    });
    await using harness = await createHarness({ modules: () => [module] });
    const { ids, clock } = harness.ports;
    const person = newPerson(ids, clock);
    const enter = () => harness.call("gates.enter", { word: "once" }, person, "key");
    const answers = [enter(), enter()];
    first.resolve(Promise.race(answers));
    const [one, two] = await Promise.all(answers);
    assert.deepEqual(one, two);
    assert.deepEqual([module.tried, module.passed], [2, 1]);
    const anew = harness.call("gates.enter", { word: "once" }, person, "another key");
    await assert.rejects(anew, { code: "REFUSED" });
  });
});
