import type { EventLog } from "../../../core/event-log.ts";
import type { Random } from "../../../core/random.ts";
import type { PlanCache } from "./plan-cache.ts";
import type { Tags } from "./tags.ts";

/** What operations share beyond their call's context. */
export interface SeatingParts {
  readonly random: Random;
  readonly eventLog: EventLog;
  readonly tags: Tags;
  readonly plans: PlanCache;
}
