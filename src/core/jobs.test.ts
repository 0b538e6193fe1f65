import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { unavailable } from "./errors.ts";
import { JobRunner } from "./jobs.ts";
import type { Log } from "./log.ts";

test("a job that fails runs again, and one that waits for the database is no error", async () => {
  const levels: string[] = [];
  const log = {
    warn: () => levels.push("warn"),
    error: () => levels.push("error"),
  } as unknown as Log;
  const clock = createManualClock(0);
  const runner = new JobRunner(clock, { work: {} as never, log });
  const outcomes = [unavailable(), new Error("It is broken."), undefined];
  let runs = 0;
  const run = async () => {
    const outcome = outcomes[runs];
    runs += 1;
    if (outcome !== undefined) throw outcome;
  };
  runner.start([{ name: "try", intervalMs: 100, run }]);
  for (let count = 1; count <= outcomes.length; count += 1) {
    await waitFor(() => clock.pending() === 1, { what: "its next run is set" });
    clock.advance(100);
    await waitFor(() => runs === count, { what: "it has run" });
  }
  await runner.stop();
  assert.deepEqual(levels, ["warn", "error"]);
});
