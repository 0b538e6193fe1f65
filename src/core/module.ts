import type { Channel } from "./channel.ts";
import type { StreamEvent } from "./event-log.ts";
import type { Log } from "./log.ts";
import type { Method } from "./method.ts";
import type { RestRoute } from "./rest.ts";
import type { ObjectSchema } from "./schema.ts";
import type { Subscription } from "./subscription.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** What a job or the demo data runs with. */
export interface JobContext {
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Work that nobody asks for: sweeping, trimming. One run at a time in each process. */
export interface Job {
  readonly name: string;
  readonly intervalMs: number;
  run(context: JobContext): Promise<void>;
}

/** A service: methods and subscriptions, and how its document's requests reach them. */
export interface Module {
  /** The namespace of its wire names and its base URL. */
  readonly name: string;
  readonly methods: Readonly<Record<string, Method>>;
  /** Whether people get in by it, and it goes first when there is much to do. */
  readonly urgency?: "sign-in";
  readonly subscriptions: Readonly<Record<string, Subscription>>;
  readonly rest: readonly RestRoute[];
  /** How it is reached over Phoenix Channels, if it is. */
  readonly channels?: readonly Channel[];
  /** Events between nodes that no client can subscribe to. */
  readonly internalEvents?: Readonly<Record<string, ObjectSchema>>;
  /**
   * Told of every event once it is committed: those of this node before the call that caused them
   * is answered, those of other nodes when the bus brings them, which it may fail to do. Fit for
   * forgetting what is cached for a bounded time. It must not throw.
   */
  readonly heard?: (event: StreamEvent) => void;
  readonly jobs?: readonly Job[];
  /** Begins what goes on as long as the node runs, and answers how it is ended. */
  readonly start?: () => Promise<AsyncDisposable>;
  /**
   * Fills an empty installation with something to try; does nothing on a second run. What `start`
   * begins is going on by then.
   */
  readonly fillDemo?: (context: JobContext) => Promise<void>;
}
