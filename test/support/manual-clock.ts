import type { Clock } from "../../src/core/clock.ts";

/** A clock that stands still until a test turns it. */
export interface ManualClock extends Clock {
  /**
   * Passes time, and runs the timers that fall due on the way: by due time, then in the order
   * they were set, those set by other timers included. While one runs, the clock shows its due
   * time. What a timer starts asynchronously goes on after the call; await its effect.
   */
  advance(ms: number): void;
  /** Sets the wall clock forward or back, as an administrator does; durations do not notice. */
  jump(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
}

export function createManualClock(startMs: number): ManualClock {
  let wallMs = startMs;
  let elapsedMs = 0;
  const timers = new Set<Waiting>();

  const moveTo = (targetMs: number) => {
    wallMs += targetMs - elapsedMs;
    elapsedMs = targetMs;
  };
  const nextDue = (untilMs: number): Waiting | undefined => {
    let next: Waiting | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };

  return {
    nowMs: () => wallMs,
    monotonicMs: () => elapsedMs,
    after(delayMs, run) {
      const timer = { dueMs: elapsedMs + Math.max(0, delayMs), run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      if (ms < 0) throw new Error("time passes forward only; `jump` sets the wall clock back");
      const targetMs = elapsedMs + ms;
      for (let timer = nextDue(targetMs); timer; timer = nextDue(targetMs)) {
        timers.delete(timer);
        moveTo(timer.dueMs);
        timer.run();
      }
      moveTo(targetMs);
    },
    jump(ms) {
      wallMs += ms;
    },
    pending: () => timers.size,
  };
}
