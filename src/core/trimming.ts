import type { Clock } from "./clock.ts";
import type { EventLog } from "./event-log.ts";
import type { RepeatStore } from "./idempotency.ts";
import { EVENTS_KEPT_MS } from "./limits.ts";
import type { Job } from "./module.ts";

const TRIM_INTERVAL_MS = 30_000;
const ROWS_PER_TRANSACTION_MAX = 2_000;

/** Deletes what is no longer needed of the pipeline's own tables, in short transactions. */
export function trimmingJobs(parts: {
  readonly eventLog: EventLog;
  readonly repeatStore: RepeatStore;
  readonly clock: Clock;
}): Job[] {
  const { eventLog, repeatStore, clock } = parts;
  return [
    {
      name: "trim events",
      intervalMs: TRIM_INTERVAL_MS,
      run: ({ work, signal }) =>
        untilFewer(signal, () =>
          work.write(({ tx }) =>
            eventLog.trim(tx, clock.nowMs() - EVENTS_KEPT_MS, ROWS_PER_TRANSACTION_MAX),
          ),
        ),
    },
    {
      name: "trim repeats",
      intervalMs: TRIM_INTERVAL_MS,
      run: ({ work, signal }) =>
        untilFewer(signal, () =>
          work.write(({ tx }) => repeatStore.trim(tx, clock.nowMs(), ROWS_PER_TRANSACTION_MAX)),
        ),
    },
  ];
}

async function untilFewer(signal: AbortSignal, trim: () => Promise<number>): Promise<void> {
  while (!signal.aborted && (await trim()) === ROWS_PER_TRANSACTION_MAX);
}
