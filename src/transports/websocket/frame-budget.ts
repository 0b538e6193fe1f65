import type { Budget } from "../../core/limits.ts";

/**
 * A token bucket for one socket, without a map around it. A refused frame costs a token as well,
 * so who goes on regardless runs into debt; a debt of a whole burst is a flood.
 */
export class FrameBudget {
  #tokens: number;
  #filledAtMs: number;

  constructor(budget: Budget, nowMs: number) {
    this.#tokens = budget.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes a token. Answers 0, the milliseconds until there is one, or Infinity for a flood. */
  take({ burst, perSecond }: Budget, nowMs: number): number {
    const refill = ((nowMs - this.#filledAtMs) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + refill) - 1;
    this.#filledAtMs = nowMs;
    if (this.#tokens >= 0) return 0;
    if (this.#tokens < -burst) return Number.POSITIVE_INFINITY;
    return Math.ceil((-this.#tokens / perSecond) * 1000);
  }
}
