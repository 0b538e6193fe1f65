import type { Actor, Caller } from "./actor.ts";
import { parseAnswer } from "./answers.ts";
import type { Cancellation, Clock } from "./clock.ts";
import { StoaError, timedOut } from "./errors.ts";
import type { Ids } from "./ids.ts";
import { GATHERED_CALLS_MAX } from "./limits.ts";
import type { Log } from "./log.ts";
import type { GatheredMethod } from "./method.ts";
import type { RepeatIdentity, Repeats } from "./repeats.ts";
import type { Scope, UnitOfWork } from "./unit-of-work.ts";

export interface GatheringParts {
  readonly work: UnitOfWork;
  readonly repeats: Repeats;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A call that has passed limits, sign-in, parsing and authorisation. */
export interface AdmittedCall {
  readonly actor: Actor;
  readonly caller: Caller;
  readonly input: Record<string, unknown>;
  readonly identity: RepeatIdentity;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: Cancellation;
}

interface Waiting extends AdmittedCall {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Group commit for calls: those that wait for the same thing are handled together.
 *
 * While one batch is in its transaction, the calls that arrive line up; the next batch takes them
 * all. A single call never waits for company, and the more come, the less each costs. On other
 * nodes the batches of the same name take turns by a lock that the transaction takes first.
 */
export class Gatherings {
  readonly #parts: GatheringParts;
  readonly #lines = new Map<string, Waiting[]>();

  constructor(parts: GatheringParts) {
    this.#parts = parts;
  }

  run(method: GatheredMethod, call: AdmittedCall): Promise<unknown> {
    const name = `${method.name} ${method.gather(call as never)}`;
    return new Promise((resolve, reject) => {
      const waiting = { ...call, resolve, reject };
      const line = this.#lines.get(name);
      if (line !== undefined) line.push(waiting);
      else void this.#serve(method, name, [waiting]);
    });
  }

  async #serve(method: GatheredMethod, name: string, line: Waiting[]): Promise<void> {
    this.#lines.set(name, line);
    // Calls of the same turn of the event loop belong to the first batch.
    await undefined;
    while (line.length > 0) await this.#runBatch(method, name, takeBatch(line));
    this.#lines.delete(name);
  }

  /** Settles every call of the batch, and never fails itself. */
  async #runBatch(method: GatheredMethod, name: string, batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const outcomes = await this.#handle(method, name, batch);
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome instanceof StoaError) reject(outcome);
        else resolve(outcome);
      }
    } catch (cause) {
      if (batch.length === 1 || cause instanceof StoaError) {
        for (const { reject } of batch) reject(cause);
        return;
      }
      // A defect that one call meets is not to be the end of its neighbours. One after the other
      // takes its time: who has gone meanwhile is not begun with.
      for (const single of batch) await this.#runBatch(method, name, takeBatch([single]));
    }
  }

  /**
   * Who has gone when the batch's turn comes is left out, in every attempt: the same call may have
   * been decided on another node meanwhile. A call that is given up later than that has an effect
   * all the same: others are in it as well.
   */
  #handle(
    method: GatheredMethod,
    name: string,
    batch: readonly Waiting[],
  ): Promise<readonly unknown[]> {
    const { work, repeats, clock, ids, log } = this.#parts;
    const identities = batch.map(({ identity }) => identity);
    const handleFresh = async ({ tx, events }: Scope, fresh: readonly number[]) => {
      const present = fresh.filter((place) => batch[place]?.signal.aborted === false);
      if (present.length === 0) return fresh.map(() => timedOut());
      const calls = present.map((place) => batch[place] as never);
      const outcomes = await method.handleAll({ calls, tx, events, clock, ids, log });
      if (outcomes.length !== calls.length) throw new Error("Every call has one outcome.");
      const outcomeAt = new Map(present.map((place, index) => [place, outcomes[index]]));
      return fresh.map((place) => {
        const outcome = outcomeAt.has(place) ? outcomeAt.get(place) : timedOut();
        return outcome instanceof StoaError ? outcome : parseAnswer(method.output, outcome);
      });
    };
    return work.write(
      (scope) => repeats.onceEach(scope.tx, name, identities, (fresh) => handleFresh(scope, fresh)),
      { repeatable: true },
    );
  }
}

/**
 * Takes the first calls that still wait off the line. Of calls that repeat each other the first is
 * taken; the others find its answer in the next batch.
 */
function takeBatch(line: Waiting[]): Waiting[] {
  const batch: Waiting[] = [];
  const later: Waiting[] = [];
  const taken = new Set<string>();
  let looked = 0;
  for (const waiting of line) {
    if (batch.length === GATHERED_CALLS_MAX) break;
    looked += 1;
    const { signal, reject, identity } = waiting;
    const name = JSON.stringify([identity.who, identity.key]);
    if (signal.aborted) {
      reject(timedOut());
    } else if (taken.has(name)) {
      later.push(waiting);
    } else {
      taken.add(name);
      batch.push(waiting);
    }
  }
  line.splice(0, looked, ...later);
  return batch;
}
