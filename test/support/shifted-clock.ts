import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Clock } from "../../src/core/clock.ts";

/** The machine's clock, whose wall time a test sets forward. Durations and timers are real. */
export interface ShiftedClock extends Clock {
  forward(ms: number): void;
}

export function createShiftedClock(): ShiftedClock {
  let aheadMs = 0;
  return {
    nowMs: () => systemClock.nowMs() + aheadMs,
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, run) => systemClock.after(delayMs, run),
    forward(ms) {
      aheadMs += ms;
    },
  };
}
