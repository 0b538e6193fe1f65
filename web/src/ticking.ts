import { signal } from "@preact/signals";
import { serverNow } from "./server-time.ts";

/** The server's time, once a second: one timer for every countdown on the page. */
export const nowMs = signal(serverNow());

export function startTicking(): void {
  const tick = () => {
    nowMs.value = serverNow();
    // Wakes just after the next full second of the server, so that all windows turn together.
    setTimeout(tick, 1_000 - (serverNow() % 1_000) + 5);
  };
  tick();
}

/** What the page's reckoning of the server's clock may be off by. */
const CLOCK_ERROR_MS = 250;

/** The time left until a moment of the server; rather a little less than too much. */
export function timeLeft(untilMs: number): number {
  const lateMs = Math.max(nowMs.value, serverNow());
  return Math.max(0, untilMs - lateMs - CLOCK_ERROR_MS);
}
