/**
 * The server's clock as this page knows it. Holds end by the server's clock, and the clock of a
 * phone may be minutes off, or be set while a hold runs: so moments are reckoned from the page's
 * monotonic time.
 */
let offsetMs = Date.now() - performance.now();
let roundTripMs = Number.POSITIVE_INFINITY;

/** Takes a moment the server told; the one that was longest under way counts least. */
export function learnServerTime(serverTimeMs: number, sentAtMs: number): void {
  const nowMs = performance.now();
  const tookMs = nowMs - sentAtMs;
  if (tookMs > roundTripMs * 2) return;
  roundTripMs = tookMs;
  offsetMs = serverTimeMs - (sentAtMs + tookMs / 2);
}

/** Milliseconds since the epoch, by the server's clock. */
export function serverNow(): number {
  return performance.now() + offsetMs;
}
