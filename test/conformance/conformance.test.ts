import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp } from "../support/app.ts";
import { pick, settle } from "./step.ts";
import { TABLE } from "./table.ts";
import { Transcript } from "./transcript.ts";
import { methodsWithoutRoute, WAYS, type Way } from "./ways.ts";
import { createWorld } from "./world.ts";

/** Runs the whole table over one way, in a world of its own. */
async function play(way: Way, app: TestApp["app"]): Promise<Transcript> {
  const world = await createWorld(app);
  const transcript = new Transcript();
  for (const [index, step] of TABLE.entries()) {
    const { as, operation, input, code, key, keep } = step;
    const token = as === "nobody" ? undefined : world.tokens[as];
    const outcome = await settle(step, () => way.call(operation, input(world), token, key));
    const title = `${index + 1}. ${as}: ${operation}`;
    const seen = JSON.stringify(outcome);
    assert.equal(outcome.code, code, `${way.name}, ${title} ended with ${seen}`);
    if (keep !== undefined) {
      world.kept.set(keep[0], pick(outcome.body, keep[1]));
    }
    transcript.add(title, outcome);
  }
  return transcript;
}

describe("conformance", () => {
  let running: TestApp;
  let expected: Transcript;

  before(async () => {
    running = await startTestApp();
    await using way = WAYS["in-process"]?.(running) as Way;
    expected = await play(way, running.app);
  });
  after(() => running[Symbol.asyncDispose]());

  for (const [name, open] of Object.entries(WAYS)) {
    it(`${name}: the same result, code and effect`, async () => {
      await using way = open(running);
      assert.deepEqual((await play(way, running.app)).lines, expected.lines);
    });
  }

  it("every method can be reached by REST", () => {
    assert.deepEqual(methodsWithoutRoute(running.app.registry), []);
  });
});
