import { type Clock, sleep } from "../../../core/clock.ts";
import { unavailable } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Operation, Refusal } from "../shard/protocol.ts";
import type { Chore, ChoreStore } from "./chore.ts";
import type { Leadership } from "./leadership.ts";

/** Chores of one shard on their way at once. */
const RUNNING_MAX = 200;
/** How long whoever asked waits for the shard's answer, and how often he looks. */
const ANSWER_MS_MAX = 5_000;
const LOOK_MS = 40;

export interface ChoresParts {
  readonly store: ChoreStore;
  readonly leadership: Leadership;
  readonly clock: Clock;
  readonly log: Log;
  readonly tellOthers: (choreId: string) => void;
  /** Follows up on one that was done; it may be called twice. */
  readonly onDone: (chore: Chore) => Promise<void>;
}

/**
 * What shards do beside transfers. A chore is written down by whoever wants it and carried to its
 * shard by the node that leads, again and again until it is answered; doing it twice changes
 * nothing.
 */
export class Chores {
  readonly #parts: ChoresParts;
  readonly #running = new Set<string>();

  constructor(parts: ChoresParts) {
    this.#parts = parts;
  }

  /** There is a new one, on this node. */
  kick(choreId: string): void {
    const { leadership, tellOthers, log } = this.#parts;
    if (leadership.orchestrator === undefined) tellOthers(choreId);
    else void this.sweep().catch((err: unknown) => log.warn({ err }, "chores wait"));
  }

  /**
   * Begins to carry what waits to its shards, while this node leads. It does not wait for them: one
   * that is away may be so for long.
   */
  async sweep(): Promise<void> {
    const { store, leadership, log } = this.#parts;
    if (leadership.orchestrator === undefined) return;
    const chores = await store.open(RUNNING_MAX);
    for (const chore of chores) {
      if (this.#running.has(chore.id)) continue;
      this.#run(chore).catch((err: unknown) => log.warn({ err }, "a chore waits"));
    }
  }

  /**
   * Waits until it is answered.
   *
   * @returns why it was not done, or null when it was
   * @throws UNAVAILABLE when the shard takes long: it will be done when the shard is back
   */
  async answered(choreId: string): Promise<Refusal | null> {
    const { store, clock } = this.#parts;
    const endMs = clock.monotonicMs() + ANSWER_MS_MAX;
    for (;;) {
      const chore = await store.find(choreId);
      if (chore?.isDone) return chore.refusal;
      if (clock.monotonicMs() > endMs) throw unavailable(undefined, { retryAfterMs: 1_000 });
      await sleep(clock, LOOK_MS);
    }
  }

  async #run(chore: Chore): Promise<void> {
    const { store, leadership, onDone } = this.#parts;
    const { orchestrator } = leadership;
    if (orchestrator === undefined) return;
    this.#running.add(chore.id);
    try {
      const outcome = await orchestrator.ask(chore.shard, toOperation(chore));
      if (outcome === undefined) return;
      const refusal = outcome.ok ? null : outcome.refusal;
      if (refusal === null) await onDone(chore);
      await store.end(chore, refusal);
    } finally {
      this.#running.delete(chore.id);
    }
  }
}

function toOperation({ number, operation: chore }: Chore): Operation {
  const { wallet } = chore;
  if (chore.verb === "open") {
    return { verb: "open", wallet, asset: chore.asset, minBalance: BigInt(chore.minBalance) };
  }
  return {
    verb: "configure",
    number,
    wallet,
    ...(chore.state === null ? {} : { state: chore.state }),
    ...(chore.minBalance === null ? {} : { minBalance: BigInt(chore.minBalance) }),
  };
}
