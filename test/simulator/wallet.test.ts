import assert from "node:assert/strict";
import { test } from "node:test";
import { runTwice } from "./engine/run-seeds.ts";
import { PLANTED_FAULTS } from "./wallet/planted-faults.ts";
import { runWallet } from "./wallet/scenario.ts";

/** More of them: `npm run simulate -- --scenario wallet`. */
const SEEDS = 150;
/** Within so many seeds each planted fault is found. */
const SEEDS_TO_FIND_IN = 300;

/** What happens in some of them: without it, they would show little. */
const SIGHTS = [
  "transfer SUCCESSFUL",
  "transfer INVALID funds_short",
  "transfer INVALID wallet_frozen",
  "transfer INVALID wallet_unknown",
  "transfer INVALID bundle_refused",
  "transfer FAILED deadline",
  "hold SUCCESSFUL",
  "hold INVALID hold_expired",
  "hold INVALID released",
  "reversal SUCCESSFUL",
  "a part is captured",
  "a mark is left",
  "chore open done",
  "chore configure done",
  "chore configure wallet_unknown",
  "chore configure wallet_used",
  "chore configure funds_short",
  "another one takes over",
];

test("whatever goes wrong, no money is lost or made, and everything comes to its end", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violation, sights } = await runWallet({ seed });
    const again = `npm run simulate -- --scenario wallet --seed ${seed}`;
    assert.equal(violation, undefined, again);
    for (const sight of sights) seen.add(sight);
  }
  assert.deepEqual(
    SIGHTS.filter((sight) => !seen.has(sight)),
    [],
  );
});

test("a seed replays to the last message, and asks the machine for nothing", async () => {
  const seed = SEEDS + 1;
  const lines: string[][] = [];
  const { violation, digest } = await runTwice(seed, () => {
    const run: string[] = [];
    lines.push(run);
    return runWallet({ seed, show: (line) => run.push(line) });
  });
  assert.equal(violation, undefined);
  assert.deepEqual(lines[0], lines[1]);
  assert.ok((lines[0]?.length ?? 0) > 300);
  assert.notEqual((await runWallet({ seed: seed + 1 })).digest, digest);
});

for (const fault of PLANTED_FAULTS) {
  test(`a planted fault is found: ${fault.name}`, async () => {
    for (let seed = 1; seed <= SEEDS_TO_FIND_IN; seed += 1) {
      const { violation } = await runWallet({ seed, fault });
      if (violation !== undefined) return;
    }
    assert.fail(`not within ${SEEDS_TO_FIND_IN} seeds`);
  });
}
