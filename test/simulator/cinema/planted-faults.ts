import type { Tx } from "../../../src/core/database.ts";
import type { NewEvent, StreamEvent } from "../../../src/core/event-log.ts";
import type { RepeatClaim, RepeatStore } from "../../../src/core/idempotency.ts";
import { Streams } from "../../../src/core/streams.ts";
import type { PlantedFault } from "./program.ts";

/** Topics are never compared with the database: what the bus loses last, nobody hears. */
class TrustingStreams extends Streams {
  override async check(): Promise<void> {}
}

const neverCompared: PlantedFault = {
  name: "never-compared",
  plant: () => ({ streams: TrustingStreams }),
};

/** Events are pushed when they are written down, and not after the commit. */
const pushedEarly: PlantedFault = {
  name: "pushed-early",
  plant: ({ eventLog, publish }) => ({
    eventLog: {
      ...eventLog,
      async append(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<StreamEvent[]> {
        const recorded = await eventLog.append(tx, events, nowMs);
        publish(recorded);
        return recorded;
      },
    },
  }),
};

/** Answers of earlier calls are forgotten, so a repeat is a second call. */
const forgottenAnswers: PlantedFault = {
  name: "forgotten-answers",
  plant: ({ repeatStore }) => ({
    repeatStore: {
      ...repeatStore,
      async claim(tx: Tx, claim: RepeatClaim) {
        // An answer is taken for expired as soon as it is there.
        return repeatStore.claim(tx, { ...claim, nowMs: claim.expiresAtMs + 1 });
      },
      find: async () => new Map(),
      record(tx, records, times) {
        return repeatStore.record(tx, records, { ...times, nowMs: times.expiresAtMs + 1 });
      },
    } satisfies RepeatStore,
  }),
};

/** The module's clock is fast: holds end two seconds before their time. */
const endedEarly: PlantedFault = {
  name: "ended-early",
  plant: ({ clock }) => ({
    moduleClock: {
      nowMs: () => clock.nowMs() + 2_000,
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) => clock.after(delayMs, run),
    },
  }),
};

export const PLANTED_FAULTS = [neverCompared, pushedEarly, forgottenAnswers, endedEarly] as const;
