/**
 * Time and timers as a port: production hands in the machine's clock, tests and the simulator
 * hand in one they can turn. Nothing else in `src/` may read the time or set a timer.
 */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time in milliseconds since the epoch. It may jump; durations use `monotonicMs`. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Runs once after the delay. A pending timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
}

/** Whether something is still wanted, and who wants to know. Any `AbortSignal` is one. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Resolves after the delay, or at once when the signal aborts; it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: Cancellation): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
