import { setTimeout as pause } from "node:timers/promises";

export interface WaitOptions {
  /** What is waited for, as in "the second watcher sees the hold". */
  readonly what: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const POLL_MS = 5;

/**
 * Polls until the condition is truthy, and answers its value.
 *
 * @throws Error naming `what` when that takes too long, also when the condition itself never
 *   answers. An error of the condition passes through at once.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = TIMEOUT_MS }: WaitOptions,
): Promise<T> {
  const done = new AbortController();
  const deadline = pause(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`waited ${timeoutMs} ms in vain for this: ${what}`);
  });
  deadline.catch(() => {});
  try {
    for (;;) {
      const value = await Promise.race([condition(), deadline]);
      if (value) return value;
      await Promise.race([pause(POLL_MS), deadline]);
    }
  } finally {
    done.abort();
  }
}
