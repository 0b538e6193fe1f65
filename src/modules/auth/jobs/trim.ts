import type { Clock } from "../../../core/clock.ts";
import type { Job } from "../../../core/module.ts";
import { trimTables } from "../store/trim.ts";

const INTERVAL_MS = 10 * 60_000;

export const trimJob = (clock: Clock): Job => ({
  name: "auth.trim",
  intervalMs: INTERVAL_MS,
  run: ({ work }) => work.write(({ tx }) => trimTables(tx, clock.nowMs()), { repeatable: true }),
});
