import type { Clock } from "../../../core/clock.ts";
import type { Job } from "../../../core/module.ts";
import { TRIMMED_ROWS_MAX, trimTables } from "../store/trim.ts";

const INTERVAL_MS = 10 * 60_000;
const PASSES_MAX = 100;

export const trimJob = (clock: Clock): Job => ({
  name: "auth.trim",
  intervalMs: INTERVAL_MS,
  async run({ work, signal }) {
    for (let pass = 0; pass < PASSES_MAX && !signal.aborted; pass += 1) {
      const trim = () =>
        work.write(({ tx }) => trimTables(tx, clock.nowMs()), { repeatable: true });
      if ((await trim()) < TRIMMED_ROWS_MAX) return;
    }
  },
});
