import type { Clock } from "../../core/clock.ts";
import { type Budget, TokenBuckets } from "../../core/limits.ts";

/** Lines of one message: what a stranger can bring about must not fill a disk. */
const LINE_BUDGET: Budget = { burst: 100, perSecond: 10 };
/** How often it is told what was left out. */
const REPORT_INTERVAL_MS = 1_000;

/** So many lines of a message were left out since the last such report. */
export type LeftOut = (message: string, lines: number) => void;

/**
 * Lets so many lines of each message through and counts the rest, which is reported once a second.
 * What is written at `info` about an account has a budget by account, because accounts are bounded
 * themselves: the sockets of a thousand people at once are all written down.
 */
export class LineBudget {
  readonly #clock: Clock;
  readonly #buckets: TokenBuckets;
  readonly #report: LeftOut;
  #leftOut = new Map<string, number>();

  constructor(clock: Clock, report: LeftOut) {
    this.#clock = clock;
    this.#buckets = new TokenBuckets(clock, LINE_BUDGET);
    this.#report = report;
  }

  admits(level: string, message: string, fields: object): boolean {
    const accountId = "accountId" in fields ? fields.accountId : undefined;
    const isAbout = level === "info" && typeof accountId === "string";
    const key = isAbout ? `${message} ${accountId}` : message;
    if (this.#buckets.take(key) === 0) return true;
    if (this.#leftOut.size === 0) this.#clock.after(REPORT_INTERVAL_MS, () => this.#tell());
    this.#leftOut.set(message, (this.#leftOut.get(message) ?? 0) + 1);
    return false;
  }

  #tell(): void {
    const leftOut = this.#leftOut;
    this.#leftOut = new Map();
    for (const [message, lines] of leftOut) this.#report(message, lines);
  }
}
