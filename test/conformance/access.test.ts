import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Access } from "../../src/core/method.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { prepareSample } from "./prepare-sample.ts";
import { SAMPLES, type Sample } from "./samples.ts";
import { WAYS, type Way } from "./ways.ts";
import { createWorld, type Role } from "./world.ts";

/**
 * Every operation × {anonymous, another person, owner, operator}, generated from the definitions:
 * what the pipeline must refuse by the operation's access, and, where an operation works on
 * somebody's own thing, what another person gets.
 */

/** The codes with which the pipeline refuses a caller, whatever the input. */
const REFUSALS: Readonly<Record<Access, Readonly<Partial<Record<Role, string>>>>> = {
  anyone: {},
  person: { nobody: "UNAUTHENTICATED" },
  operator: { nobody: "UNAUTHENTICATED", ada: "FORBIDDEN", ben: "FORBIDDEN" },
};

const CALLERS: readonly [title: string, role: Role][] = [
  ["anonymous", "nobody"],
  ["another person", "ben"],
  ["the owner", "ada"],
  ["an operator", "operator"],
];

describe("who may call what", () => {
  let running: TestApp;
  before(async () => {
    running = await startTestApp();
  });
  after(() => running[Symbol.asyncDispose]());

  const table = async () => {
    const { methods, subscriptions } = running.app.registry;
    return [...methods.values(), ...subscriptions.values()];
  };

  it("has a sample of every operation", async () => {
    const names = (await table()).map(({ name }) => name);
    assert.deepEqual(Object.keys(SAMPLES).toSorted(), names.toSorted());
  });

  for (const [title, role] of CALLERS) {
    it(`${title}: every operation answers or refuses as its access says`, async () => {
      await using way = WAYS["socket"]?.(running) as Way;
      let world = await createWorld(running.app);
      for (const { name, access } of await table()) {
        const sample = SAMPLES[name] as Sample;
        await prepareSample(running, world, sample);
        const token = role === "nobody" ? undefined : world.tokens[role];
        const { code } = await way.call(name, sample.input(world), token);
        const expected = REFUSALS[access][role] ?? sample.codes?.[role];
        if (expected !== undefined) {
          assert.equal(code, expected, `${name} by ${title}`);
        } else {
          const refused = ["UNAUTHENTICATED", "FORBIDDEN", "INTERNAL", "INVALID_INPUT"];
          assert.ok(!refused.includes(code), `${name} by ${title} ended with ${code}`);
        }
        if (sample.endsSession) world = await createWorld(running.app);
      }
    });
  }
});
