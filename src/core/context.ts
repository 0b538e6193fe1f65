import type { Actor, Caller } from "./actor.ts";
import type { Cancellation, Clock } from "./clock.ts";
import type { Tx } from "./database.ts";
import type { Events } from "./events.ts";
import type { Ids } from "./ids.ts";
import type { Log } from "./log.ts";

/**
 * All that a handler gets. A module that needs more (a mailer, a shard) closes over it in its
 * `index.ts`.
 */
export interface Context<ActorType extends Actor = Actor> {
  readonly actor: ActorType;
  readonly caller: Caller;
  /**
   * The client's own name for the call, where it sent one. The pipeline recognises repeats of calls
   * that write; a method that writes by other means than its transaction does so itself.
   */
  readonly repeatKey: string | undefined;
  /** The transaction of this call, as the definition's `transaction` asks; never the pool. */
  readonly tx: Tx;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly events: Events;
  /** Aborted when the caller has gone or the call's time is up. */
  readonly signal: Cancellation;
}

/** What an operation has that declares no transaction. */
export const NO_TRANSACTION: Tx = {
  as: () => {
    throw new Error("This operation declares no transaction.");
  },
};
