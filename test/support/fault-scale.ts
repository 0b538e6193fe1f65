/**
 * How much larger than in `.ci/run` the tests of faults are: with `FAULT_SCALE=10`
 * `npm test -- test/faults` takes ten times the rounds, cuts and sockets.
 */
export const FAULT_SCALE = Number(process.env["FAULT_SCALE"] ?? 1);

/** @param atOnce as many as in `.ci/run` */
export function scaled(atOnce: number): number {
  return Math.max(1, Math.round(atOnce * FAULT_SCALE));
}
