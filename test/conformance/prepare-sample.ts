import assert from "node:assert/strict";
import type { Sample } from "./samples.ts";
import { pick, settle } from "./step.ts";
import { type Reach, WAYS, type Way } from "./ways.ts";
import type { World } from "./world.ts";

/** Brings about what the sample works on: the owner is ada. */
export async function prepareSample(
  running: Reach,
  world: World,
  sample: Pick<Sample, "after">,
): Promise<void> {
  await using way = WAYS["in-process"]?.(running) as Way;
  for (const step of sample.after ?? []) {
    const { as, operation, input, keep } = step;
    const token = as === "nobody" ? undefined : world.tokens[as];
    const { code, body } = await settle(step, () => way.call(operation, input(world), token));
    assert.equal(code, "OK", `${operation} prepares a sample: ${JSON.stringify(body)}`);
    if (keep !== undefined) world.kept.set(keep[0], pick(body, keep[1]));
  }
}
