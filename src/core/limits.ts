import type { Clock } from "./clock.ts";

/** Every bound of the pipeline, with its unit. Transports and modules add their own. */

/** The largest input of an operation that does not say otherwise. */
export const INPUT_BYTES_MAX = 256 * 1024;
/** How deep JSON may nest. */
export const JSON_DEPTH_MAX = 32;
/**
 * Values of a request's JSON, those inside of others included: each may be a problem of its own to
 * the schema, which costs much more than its bytes. The largest hall has some 55,000.
 */
export const JSON_VALUES_MAX = 65_536;
/** A call is given up after this long. */
export const CALL_TIMEOUT_MS = 10_000;
/** Calls running at once in this process; more wait. */
export const CALLS_RUNNING_MAX = 256;
/** The same while the event loop cannot keep up; still fewer would share too little. */
export const CALLS_RUNNING_MIN = 64;
/** A timer this late says that the event loop cannot keep up. */
export const LOOP_DELAY_MS_MAX = 100;
/** How often the event loop is probed while calls come. */
export const LOOP_PROBE_INTERVAL_MS = 100;
/** Calls waiting for a place, when a crowd comes; more are refused. */
export const CALLS_WAITING_MAX = 1_024;
/** Somebody has waited all this time: the line is no crowd's, which ends by itself. */
export const LINE_STANDS_AFTER_MS = 500;
/** Such a line takes as many as are served within this time; more are refused. */
export const STANDING_WAIT_MS_MAX = 250;
/** How long a call waits for a place before it is refused. */
export const CALL_WAIT_MS_MAX = 2_000;
/** How often a transaction is tried. */
export const TRANSACTION_ATTEMPTS_MAX = 5;
/** How long retries of a transaction may take together. */
export const TRANSACTION_RETRY_MS_MAX = 2_000;
/** Calls that are handled together in one transaction; more of them wait for the next one. */
export const GATHERED_CALLS_MAX = 256;
/** Within this time a repeat gets the answer of the first call. */
export const REPEAT_WINDOW_MS = 10 * 60_000;
/** The longest key by which a client marks repeats. */
export const REPEAT_KEY_CHARS_MAX = 128;
/** Missed events handed to a subscriber that comes back; more of them, and it gets a snapshot. */
export const RECOVERED_EVENTS_MAX = 1_000;
/** The same in bytes of JSON. */
export const RECOVERED_BYTES_MAX = 256 * 1024;
/** How long events are kept for recovery. */
export const EVENTS_KEPT_MS = 60 * 60_000;
/** How long an event that arrived too early waits for the ones before it. */
export const EVENT_GAP_WAIT_MS = 30;
/** How often followed topics are compared with the database, in case the bus lost something. */
export const TOPIC_CHECK_INTERVAL_MS = 500;
/** Events emitted by one call. */
export const EVENTS_PER_CALL_MAX = 1_000;
/** Calls a person or an anonymous address may make: the bucket's size and its refill. */
export const CALL_BUDGET = { burst: 600, perSecond: 60 } as const;
/** Callers whose budgets are remembered; the least recently seen are forgotten. */
export const BUDGETS_MAX = 20_000;

/** A budget of calls: `burst` at once, refilled at `perSecond`. */
export interface Budget {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * A budget that was set beside the default {@link CALL_BUDGET}, where the general one is another:
 * an installation that lets its callers do twice as much lets them do twice as much of everything.
 */
export function inProportion(budget: Budget, general: Budget): Budget {
  return {
    burst: Math.max(1, (budget.burst * general.burst) / CALL_BUDGET.burst),
    perSecond: (budget.perSecond * general.perSecond) / CALL_BUDGET.perSecond,
  };
}

/**
 * Token buckets by key, bounded: a forgotten key starts with a full bucket again, so the bound
 * costs precision and never refuses anybody wrongly.
 */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #budget: Budget;
  readonly #keysMax: number;
  readonly #buckets = new Map<string, { tokens: number; filledAtMs: number }>();

  constructor(clock: Clock, budget: Budget, keysMax: number = BUDGETS_MAX) {
    this.#clock = clock;
    this.#budget = budget;
    this.#keysMax = keysMax;
  }

  /** Answers 0 when there is a token, or the milliseconds until there is one; takes none. */
  waitMs(key: string): number {
    return this.#waitMs(this.#tokens(key, this.#clock.monotonicMs()));
  }

  /** Takes a token. Answers 0, or the milliseconds until there is one. */
  take(key: string): number {
    const nowMs = this.#clock.monotonicMs();
    const tokens = this.#tokens(key, nowMs);
    // Re-inserting moves the key to the end: the map's order is the order of last use.
    this.#buckets.delete(key);
    if (this.#buckets.size >= this.#keysMax) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    const waitMs = this.#waitMs(tokens);
    this.#buckets.set(key, { tokens: waitMs === 0 ? tokens - 1 : tokens, filledAtMs: nowMs });
    return waitMs;
  }

  #tokens(key: string, nowMs: number): number {
    const { burst, perSecond } = this.#budget;
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.tokens + ((nowMs - bucket.filledAtMs) / 1000) * perSecond);
  }

  #waitMs(tokens: number): number {
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / this.#budget.perSecond) * 1000);
  }
}
