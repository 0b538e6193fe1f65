import assert from "node:assert/strict";
import { test } from "node:test";
import { PLANTED_FAULTS } from "./cinema/planted-faults.ts";
import { runCinema } from "./cinema/scenario.ts";
import { runTwice } from "./engine/run-seeds.ts";
import { sharedSession } from "./shared-session.ts";

/** More of them: `npm run simulate`. */
const SEEDS = 12;
/** Within so many seeds each planted fault is found... */
const SEEDS_TO_FIND_IN = 30;
/** ...and from here on soon. */
const FIRST_SEEDS: Readonly<Record<string, number>> = { "never-compared": 10, "ended-early": 6 };

const session = await sharedSession();

test("whatever goes wrong, the cinema keeps its promises", async () => {
  let commits = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await runCinema({ seed, session });
    assert.equal(result.violation, undefined, `npm run simulate -- --seed ${seed}`);
    commits += result.commits;
  }
  assert.ok(commits > SEEDS * 10, `so few commits show nothing: ${commits}`);
});

test("a seed replays to the last statement, and asks the machine for nothing", async () => {
  const seed = SEEDS + 1;
  const lines: string[][] = [];
  const { violation, digest } = await runTwice(seed, () => {
    const run: string[] = [];
    lines.push(run);
    return runCinema({ seed, session, show: (line) => run.push(line) });
  });
  assert.equal(violation, undefined);
  assert.deepEqual(lines[0], lines[1]);
  assert.ok((lines[0]?.length ?? 0) > 500);
  assert.notEqual((await runCinema({ seed: seed + 1, session })).digest, digest);
});

for (const fault of PLANTED_FAULTS) {
  test(`a planted fault is found: ${fault.name}`, async () => {
    const first = FIRST_SEEDS[fault.name] ?? 1;
    for (let seed = first; seed < first + SEEDS_TO_FIND_IN; seed += 1) {
      const { violation } = await runCinema({ seed, session, fault });
      if (violation !== undefined) return;
    }
    assert.fail(`not within ${SEEDS_TO_FIND_IN} seeds`);
  });
}
