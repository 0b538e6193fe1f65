import { StoaError } from "../../src/core/errors.ts";

/** What calls came to: how many answered, and how many ended with each code. */
export interface CrowdResult<T> {
  readonly answers: readonly T[];
  readonly refusals: ReadonlyMap<string, number>;
}

/**
 * Makes the calls, so many of them at a time, and tells how they ended. An error that is not a
 * refusal, such as a fault, a timeout or no room, is thrown: in a race nobody deserves one.
 */
export async function crowd<T>(
  calls: ReadonlyArray<() => Promise<T>>,
  atOnce: number = calls.length,
): Promise<CrowdResult<T>> {
  const answers: T[] = [];
  const refusals = new Map<string, number>();
  let next = 0;
  const runner = async () => {
    for (let call = calls[next]; call !== undefined; call = calls[next]) {
      next += 1;
      try {
        answers.push(await call());
      } catch (error) {
        if (!(error instanceof StoaError) || FAULTS.has(error.kind)) throw error;
        refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, calls.length) }, runner));
  return { answers, refusals };
}

const FAULTS: ReadonlySet<string> = new Set(["internal", "timeout", "unavailable"]);
