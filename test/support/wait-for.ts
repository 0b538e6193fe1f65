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
 * @throws Error naming `what` when that takes too long. An error of the condition itself passes
 *   through at once.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = TIMEOUT_MS }: WaitOptions,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() >= endMs) {
      throw new Error(`waited ${timeoutMs} ms in vain for this: ${what}`);
    }
    await pause(POLL_MS);
  }
}
