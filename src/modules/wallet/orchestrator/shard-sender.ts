import { pauseAfter } from "../../../core/backoff.ts";
import { type Clock, sleep } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import {
  type Operation,
  type Outcome,
  type ShardLink,
  ShardOutdated,
  type ShardPosition,
  ShardRefused,
} from "../shard/protocol.ts";

/** Operations of one request. */
const REQUEST_OPERATIONS_MAX = 512;
/** Requests on their way at once: while one is committed, the next one is there already. */
const REQUESTS_MAX = 3;
const PAUSE_MS = { first: 50, longest: 2_000 } as const;
/** For what the shard cannot write. */
const ASIDE_MS = { first: PAUSE_MS.longest, longest: PAUSE_MS.longest } as const;

/** An operation that somebody waits for. */
export interface Errand {
  readonly operation: Operation;
  /** Whether it is still worth sending. */
  isWanted(): boolean;
  done(outcome: Outcome): void;
}

export interface ShardSenderParts {
  readonly link: ShardLink;
  readonly epoch: bigint;
  /** Where the shard stood when the journal last heard of it. */
  readonly known: ShardPosition | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Another orchestrator has the shard. */
  readonly onRefused: (cause: ShardRefused) => void;
  readonly onPosition: (position: ShardPosition) => void;
}

/**
 * Carries operations to a shard until they are answered: what got no answer is sent again, after
 * pauses that grow, for as long as it is wanted. The shard sees to it that this does no harm.
 */
export class ShardSender {
  readonly #parts: ShardSenderParts;
  #waiting: Errand[] = [];
  #requests = 0;
  #failures = 0;
  #known: ShardPosition | undefined;
  #taking: Promise<unknown> | undefined;

  constructor(parts: ShardSenderParts) {
    this.#parts = parts;
    this.#known = parts.known;
  }

  /** Whether the shard has not answered lately. */
  get isAway(): boolean {
    return this.#failures > 0;
  }

  push(errand: Errand): void {
    this.#waiting.push(errand);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#pump());
  }

  #pump(): void {
    const { signal } = this.#parts;
    // While the shard is away one request at a time finds out whether it is back.
    const requestsMax = this.#failures > 0 ? 1 : REQUESTS_MAX;
    while (this.#requests < requestsMax && this.#waiting.length > 0 && !signal.aborted) {
      const errands = this.#waiting.splice(0, REQUEST_OPERATIONS_MAX);
      const wanted = errands.filter((errand) => errand.isWanted());
      if (wanted.length > 0) void this.#send(wanted);
    }
  }

  async #send(errands: readonly Errand[]): Promise<void> {
    const { link, epoch, onRefused } = this.#parts;
    this.#requests += 1;
    try {
      this.#taking ??= link.take(epoch, this.#known);
      await this.#taking;
      const operations = errands.map(({ operation }) => operation);
      const { outcomes, position } = await link.send(epoch, operations);
      if (outcomes.length !== errands.length) throw new Error("Every operation has one outcome.");
      this.#failures = 0;
      this.#hear(position);
      const unwritten: Errand[] = [];
      for (const [at, errand] of errands.entries()) {
        const outcome = outcomes[at] ?? null;
        if (outcome === null) unwritten.push(errand);
        else if (!this.#parts.signal.aborted) errand.done(outcome);
      }
      if (unwritten.length > 0) void this.#aside(unwritten);
    } catch (cause) {
      // A shard that was away may have been started anew, and nobody has taken it then.
      this.#taking = undefined;
      if (cause instanceof ShardRefused) onRefused(cause);
      else await this.#later(errands, cause);
    } finally {
      this.#requests -= 1;
      this.#pump();
    }
  }

  /** Requests are answered in any order: the newest place counts. */
  #hear(position: ShardPosition): void {
    if (this.#known !== undefined && position.batch <= this.#known.batch) return;
    this.#known = position;
    this.#parts.onPosition(position);
  }

  /** What the shard cannot write waits by itself, so that the rest goes on. */
  async #aside(errands: readonly Errand[]): Promise<void> {
    const { clock, random, signal } = this.#parts;
    await sleep(clock, pauseAfter(1, ASIDE_MS, random), signal);
    for (const errand of errands) this.push(errand);
  }

  async #later(errands: readonly Errand[], cause: unknown): Promise<void> {
    const { clock, random, log, signal } = this.#parts;
    if (this.#failures === 0) {
      if (cause instanceof ShardOutdated) log.error({ err: cause }, "a shard has lost what it had");
      else log.warn({ err: cause }, "a shard does not answer");
    }
    this.#failures += 1;
    await sleep(clock, pauseAfter(this.#failures, PAUSE_MS, random), signal);
    this.#waiting.unshift(...errands);
  }
}
