import { PLANTED_FAULTS as CINEMA_FAULTS } from "./cinema/planted-faults.ts";
import { runCinema } from "./cinema/scenario.ts";
import type { SeedResult } from "./engine/run-seeds.ts";
import { SqlSession } from "./engine/sql-session.ts";
import { PLANTED_FAULTS as WALLET_FAULTS } from "./wallet/planted-faults.ts";
import { runWallet } from "./wallet/scenario.ts";

export interface ScenarioRun {
  readonly seed: number;
  /** Name of a mistake that is planted. */
  readonly fault?: string | undefined;
  /** Shown each line of the trace. */
  readonly show?: (line: string) => void;
}

/** Where the seeds of one process run. */
interface ScenarioStage extends AsyncDisposable {
  run(run: ScenarioRun): Promise<SeedResult>;
}

/** A part of the product that is simulated. */
export interface Scenario {
  readonly faults: readonly string[];
  open(): Promise<ScenarioStage>;
}

const cinema: Scenario = {
  faults: CINEMA_FAULTS.map(({ name }) => name),
  async open() {
    const session = await SqlSession.open();
    return {
      run: ({ fault, ...run }) =>
        runCinema({ ...run, session, fault: named(CINEMA_FAULTS, fault) }),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  },
};

const wallet: Scenario = {
  faults: WALLET_FAULTS.map(({ name }) => name),
  open: async () => ({
    run: ({ fault, ...run }) => runWallet({ ...run, fault: named(WALLET_FAULTS, fault) }),
    async [Symbol.asyncDispose]() {},
  }),
};

function named<Fault extends { readonly name: string }>(
  faults: readonly Fault[],
  name: string | undefined,
): Fault | undefined {
  return faults.find((fault) => fault.name === name);
}

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(Object.entries({ cinema, wallet }));
