/** How many failures a lane takes before each further one costs a wait. */
export interface ThrottlePolicy {
  readonly freeFailures: number;
  /** One failure is forgotten each time this passes without another. */
  readonly forgetEachMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Guesses at the secrets of one account, or of a name that nobody has. */
export const ACCOUNT_POLICY: ThrottlePolicy = { freeFailures: 5, forgetEachMs: DAY_MS };
/** Guesses from one network, whoever they are aimed at. Schools and offices share a network. */
export const NETWORK_POLICY: ThrottlePolicy = { freeFailures: 50, forgetEachMs: MINUTE_MS };
/** Questions from one network that tell whether a name is taken. */
export const PROBE_POLICY: ThrottlePolicy = { freeFailures: 100, forgetEachMs: MINUTE_MS };
/** Mails with links that one account makes us send, and those to one address. */
export const MAIL_POLICY: ThrottlePolicy = { freeFailures: 3, forgetEachMs: 60 * MINUTE_MS };

const DELAY_FIRST_MS = 1_000;
const DELAY_MS_MAX = 15 * MINUTE_MS;
/** A lane without a failure for this long begins anew. */
export const FAILURES_KEPT_MS = DAY_MS;
/** With this failure the account's owner is told. */
export const OFTEN_FAILURES = 10;

export interface LaneState {
  readonly failures: number;
  readonly lastAtMs: number;
}

export const UNTROUBLED: LaneState = { failures: 0, lastAtMs: 0 };

/** The wait between a failure and the next attempt: 1 s, doubled each time up to 15 minutes. */
export function delayAfterMs(failures: number, { freeFailures }: ThrottlePolicy): number {
  if (failures < freeFailures) return 0;
  return Math.min(DELAY_MS_MAX, DELAY_FIRST_MS * 2 ** (failures - freeFailures));
}

/** Milliseconds until the next attempt is heard; 0 when it is heard now. */
export function waitMs(lane: LaneState, policy: ThrottlePolicy, nowMs: number): number {
  const delayMs = delayAfterMs(remembered(lane, policy, nowMs), policy);
  // A clock that was set back makes nobody wait longer than the delay itself.
  return Math.max(0, Math.min(delayMs, lane.lastAtMs + delayMs - nowMs));
}

export function withFailure(lane: LaneState, policy: ThrottlePolicy, nowMs: number): LaneState {
  return { failures: remembered(lane, policy, nowMs) + 1, lastAtMs: nowMs };
}

function remembered({ failures, lastAtMs }: LaneState, policy: ThrottlePolicy, nowMs: number) {
  const quietMs = Math.max(0, nowMs - lastAtMs);
  if (quietMs >= FAILURES_KEPT_MS) return 0;
  return Math.max(0, failures - Math.floor(quietMs / policy.forgetEachMs));
}
