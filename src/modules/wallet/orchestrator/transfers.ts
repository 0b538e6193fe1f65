import { type Clock, sleep } from "../../../core/clock.ts";
import { unavailable } from "../../../core/errors.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Acceptance, JournalStore, Order } from "./journal.ts";
import type { Leadership } from "./leadership.ts";
import { IN_FLIGHT_MAX } from "./sweeper.ts";
import type { TransferRecord } from "./transfer.ts";

const ACCEPTED_IN_COMMIT_MAX = 512;
const ORDERS_WAITING_MAX = 4_096;
/** With so many on their way, new ones wait a moment: what was accepted goes first. */
export const BUSY_IN_FLIGHT = 1_024;
/** Those on their way may wait for a shard that is away, and then nothing is gained by waiting. */
export const ROOM_WAIT_MS_MAX = 50;
const RETRY_AFTER_MS = 1_000;

export interface TransfersParts {
  readonly journal: JournalStore;
  readonly leadership: Leadership;
  readonly clock: Clock;
  /** Tells the other nodes what there is to do. It may fail: they look by themselves, later. */
  readonly tellOthers: (ids: readonly bigint[]) => void;
}

/** Where transfers are asked for, on any node; the one that leads carries them through. */
export class Transfers {
  readonly #parts: TransfersParts;
  readonly #accepting: GroupCommit<Order, Acceptance>;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
    this.#accepting = new GroupCommit((orders) => this.#accept(orders), {
      weightOf: ({ transfers }) => transfers.length,
      weightMax: ACCEPTED_IN_COMMIT_MAX,
      waitingMax: ORDERS_WAITING_MAX,
    });
  }

  /** Transfers on their way, as far as this node carries them. */
  get inFlight(): number {
    return this.#parts.leadership.orchestrator?.inFlight ?? 0;
  }

  get leads(): boolean {
    return this.#parts.leadership.orchestrator !== undefined;
  }

  /**
   * Writes an order down; from then on it is going to happen or be refused, whatever fails.
   *
   * @throws UNAVAILABLE when too much is on its way
   */
  async order(order: Order): Promise<Acceptance> {
    if (this.#accepting.isFull || this.inFlight >= IN_FLIGHT_MAX) {
      throw unavailable(undefined, { retryAfterMs: RETRY_AFTER_MS });
    }
    const acceptance = await this.#accepting.submit(order);
    if (acceptance.outcome === "accepted") this.carry(acceptance.transfers);
    return acceptance;
  }

  /**
   * Everything shares one database or one processor: accepting as fast as it goes would let those
   * that were accepted before take ever longer, and end none of them sooner.
   */
  async #accept(orders: readonly Order[]): Promise<readonly Acceptance[]> {
    const { journal, leadership, clock } = this.#parts;
    const { orchestrator } = leadership;
    if (orchestrator !== undefined && orchestrator.inFlight >= BUSY_IN_FLIGHT) {
      const waiting = new AbortController();
      const tooLong = sleep(clock, ROOM_WAIT_MS_MAX, waiting.signal);
      await Promise.race([orchestrator.room(BUSY_IN_FLIGHT, waiting.signal), tooLong]);
      waiting.abort();
    }
    return journal.accept(orders);
  }

  /** Goes on with transfers that were accepted or decided just now. */
  carry(transfers: readonly TransferRecord[]): void {
    const { leadership, tellOthers } = this.#parts;
    if (leadership.orchestrator !== undefined) leadership.orchestrator.carry(transfers);
    else tellOthers(transfers.map(({ id }) => id));
  }

  /** Another node has accepted or decided these. Without room for them, sweeps find them later. */
  async noticed(ids: readonly bigint[]): Promise<void> {
    const { leadership, journal } = this.#parts;
    if (leadership.orchestrator === undefined || this.inFlight >= IN_FLIGHT_MAX) return;
    const transfers = await journal.find(ids);
    leadership.orchestrator?.carry(transfers);
  }
}
