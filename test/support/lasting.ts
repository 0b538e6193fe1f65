import { setTimeout as elapse } from "node:timers/promises";

/**
 * How long a fault or a load lasts, which is part of what a test does. It is no way to wait for
 * something to happen: `wait-for.ts` is.
 */
export async function lasting(durationMs: number): Promise<void> {
  if (durationMs > 0) await elapse(durationMs);
}
