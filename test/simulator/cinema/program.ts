import { createEventLog, createRepeatStore } from "../../../src/adapters/db/index.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { EventLog, StreamEvent } from "../../../src/core/event-log.ts";
import type { RepeatStore } from "../../../src/core/idempotency.ts";
import { JobRunner } from "../../../src/core/jobs.ts";
import type { Streams } from "../../../src/core/streams.ts";
import { trimmingJobs } from "../../../src/core/trimming.ts";
import { createCinema } from "../../../src/modules/cinema/index.ts";
import { createHarness, type Harness } from "../../support/module-harness.ts";
import type { NodePorts } from "../engine/simulation.ts";
import { TAG_SECRET } from "./oracle.ts";

/** Parts that a planted fault puts in the place of the right ones. */
export interface Replacements {
  readonly eventLog?: EventLog;
  readonly repeatStore?: RepeatStore;
  readonly streams?: typeof Streams;
  /** The clock of the module alone. */
  readonly moduleClock?: Clock;
}

/** A mistake that is made on purpose, to see that it is found. */
export interface PlantedFault {
  readonly name: string;
  plant(right: {
    readonly eventLog: EventLog;
    readonly repeatStore: RepeatStore;
    readonly clock: Clock;
    /** Hands events to the followers. */
    readonly publish: (events: readonly StreamEvent[]) => void;
  }): Replacements;
}

export type CinemaProgram = Harness;

/** A node with the cinema module, its sweeper and the pipeline's own jobs. */
export async function bootCinema(ports: NodePorts, fault?: PlantedFault): Promise<CinemaProgram> {
  const { life, database, bus, log } = ports;
  const { clock, random } = life;
  const right = { eventLog: createEventLog(), repeatStore: createRepeatStore(), clock };
  const later: { harness?: Harness } = {};
  const publish = (events: readonly StreamEvent[]) => later.harness?.streams.publish(events);
  const { moduleClock = clock, ...replaced } = fault?.plant({ ...right, publish }) ?? {};
  const parts = { ...right, ...replaced };
  const harness = await createHarness({
    ...parts,
    random,
    database,
    bus,
    log,
    modules: ({ ids, eventLog }) => [
      createCinema({ clock: moduleClock, random, ids, eventLog, tagSecret: TAG_SECRET }),
    ],
  });
  later.harness = harness;
  const jobs = new JobRunner(clock, { work: harness.work, log });
  jobs.start([
    ...trimmingJobs(parts),
    ...harness.registry.modules.flatMap((module) => module.jobs ?? []),
  ]);
  return harness;
}
