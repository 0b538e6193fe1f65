import type { Clock } from "../../core/clock.ts";

/** `setTimeout` fires at once when its delay exceeds 31 bits, so longer delays go in legs. */
const LEG_MS_MAX = 2 ** 31 - 1;

/** The machine's clock. Timers are unref'd: a pending one does not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const dueMs = performance.now() + delayMs;
    let handle = arm();
    return { cancel: () => clearTimeout(handle) };

    function arm(): NodeJS.Timeout {
      const restMs = Math.max(0, dueMs - performance.now());
      if (restMs <= LEG_MS_MAX) return setTimeout(run, restMs).unref();
      return setTimeout(() => {
        handle = arm();
      }, LEG_MS_MAX).unref();
    }
  },
};
