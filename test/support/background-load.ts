import { CallLedger } from "./call-ledger.ts";
import { callOver, newPersonOver, operatorOver } from "./over-http.ts";
import { SeatLoad } from "./seat-load.ts";
import { createStage, type Stage } from "./stage.ts";
import { waitFor } from "./wait-for.ts";

/** People who take seats meanwhile, and never give up a call before it is decided. */
export interface BackgroundLoad {
  readonly ledger: CallLedger;
  readonly stage: Stage;
  /** Waits until one more call is acknowledged; how long that took, in milliseconds. */
  goesOn(timeoutMs?: number): Promise<number>;
  /** Ends it and holds what was acknowledged against what is there. */
  finish(): Promise<void>;
}

export interface BackgroundLoadOptions {
  /** Where calls go; asked for with each request. */
  readonly url: () => string;
  readonly seed: string;
  readonly people?: number;
  /** After so long a client lets go of a request and sends it again. */
  readonly hangsMs?: number;
}

const PEOPLE = 6;
const PATIENCE_MS = 60_000;
const GOES_ON_MS_MAX = 30_000;

export async function startBackgroundLoad(options: BackgroundLoadOptions): Promise<BackgroundLoad> {
  const { url, seed, people: count = PEOPLE, hangsMs } = options;
  const stage = await createStage(callOver(url(), await operatorOver(url())));
  const people: string[] = [];
  while (people.length < count) people.push(await newPersonOver(url()));
  const ledger = new CallLedger(url, hangsMs);
  const load = new SeatLoad({ ...stage, ledger, people, seed, patienceMs: PATIENCE_MS });
  const ending = new AbortController();
  const running = load.run(ending.signal);
  // Awaited in the end; until then its failure has nobody to hear it.
  running.catch(() => {});
  return {
    ledger,
    stage,
    async goesOn(timeoutMs = GOES_ON_MS_MAX) {
      const startedMs = performance.now();
      const before = ledger.acknowledged.length;
      const more = () => ledger.acknowledged.length > before;
      await waitFor(more, { what: "the load goes on", timeoutMs });
      return performance.now() - startedMs;
    },
    async finish() {
      ending.abort();
      await running;
      await load.check(url());
    },
  };
}
