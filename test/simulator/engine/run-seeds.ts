import { guardMachine } from "./guard.ts";

/** What a run of one seed came to. */
export interface SeedResult {
  readonly seed: number;
  /** Equal for equal runs. */
  readonly digest: string;
  /** Why the run failed. */
  readonly violation: string | undefined;
  /** Events that ran. */
  readonly steps: number;
  readonly commits: number;
  readonly simulatedMs: number;
}

export interface SeedReport extends SeedResult {
  /** The seed was run twice. */
  readonly isReplayed: boolean;
}

/** One seed in so many is run twice, and guarded against time and chance of the machine. */
const REPLAYED_EVERY = 100;

/** Runs every `step`-th seed from the first to below the last. */
export async function runSeeds(
  { from, below, step }: { readonly from: number; readonly below: number; readonly step: number },
  run: (seed: number) => Promise<SeedResult>,
  report: (report: SeedReport) => void,
): Promise<void> {
  for (let seed = from; seed < below; seed += step) {
    const isReplayed = seed % REPLAYED_EVERY === 0;
    report({ ...(isReplayed ? await runTwice(seed, run) : await run(seed)), isReplayed });
    // The process hears signals and sends its reports between seeds.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A seed that does not replay has failed, whatever it shows. */
export async function runTwice(
  seed: number,
  run: (seed: number) => Promise<SeedResult>,
): Promise<SeedResult> {
  using _guard = guardMachine();
  const first = await run(seed);
  const second = await run(seed);
  if (first.digest === second.digest) return first;
  const violation = `The run does not replay: ${first.digest}, then ${second.digest}`;
  return { ...first, violation };
}
