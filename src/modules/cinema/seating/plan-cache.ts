import type { Tx } from "../../../core/database.ts";
import { indexPlan, type PlanIndex } from "../rules/plan-index.ts";
import { getPlan } from "../store/editing.ts";

/** Seats of all plans kept together; a seat and its place take some 300 bytes. */
const SEATS_CACHED_MAX = 100_000;

/**
 * Prepared seating plans by id. A plan is never changed once it is written, so what is kept is
 * always right; the least recently used are forgotten.
 */
export class PlanCache {
  readonly #plans = new Map<string, PlanIndex>();
  #seats = 0;

  async get(tx: Tx, planId: string): Promise<PlanIndex> {
    const known = this.#plans.get(planId);
    if (known !== undefined) {
      this.#plans.delete(planId);
      this.#plans.set(planId, known);
      return known;
    }
    const index = indexPlan(await getPlan(tx, planId));
    if (!this.#plans.has(planId)) this.#keep(planId, index);
    return index;
  }

  #keep(planId: string, index: PlanIndex): void {
    this.#plans.set(planId, index);
    this.#seats += index.seatCount;
    for (const [oldest, { seatCount }] of this.#plans) {
      if (this.#seats <= SEATS_CACHED_MAX || oldest === planId) break;
      this.#plans.delete(oldest);
      this.#seats -= seatCount;
    }
  }
}
