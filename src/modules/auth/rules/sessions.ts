/** A session ends this long after its sign-in, whatever happens. Refresh tokens end with it. */
export const SESSION_MS_MAX = 14 * 24 * 60 * 60_000;
/** A session that nobody used for this long ends. */
export const SESSION_IDLE_MS_MAX = 3 * 24 * 60 * 60_000;
/** A person's sessions at once; the oldest make room. */
export const SESSIONS_PER_ACCOUNT_MAX = 50;
/** Within this time of a sign-in nobody is asked for the password again. */
const FRESH_SIGN_IN_MS_MAX = 15 * 60_000;
/** A refresh token used twice within this time is a lost answer, later it is a stolen token. */
export const REFRESH_REPEAT_MS_MAX = 20_000;

export function isSignInFresh(signedInAtMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - signedInAtMs) <= FRESH_SIGN_IN_MS_MAX;
}

export interface SessionTimes {
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
}

export function isSessionOver({ lastSeenAtMs, expiresAtMs }: SessionTimes, nowMs: number): boolean {
  return nowMs >= expiresAtMs || nowMs >= lastSeenAtMs + SESSION_IDLE_MS_MAX;
}
