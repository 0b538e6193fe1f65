import type { Plan } from "../types.ts";
import type { PlanIndex } from "./plan-index.ts";

/** What the seats cost together, in the currency's smallest unit. */
export function amountOf(
  seatIds: readonly string[],
  index: PlanIndex,
  prices: Readonly<Record<string, number>>,
): number {
  let amountMinor = 0;
  for (const seatId of seatIds) {
    const category = index.places.get(seatId)?.seat.category;
    const price = category === undefined ? undefined : prices[category];
    if (price === undefined) throw new Error(`Seat ${seatId} has no price.`);
    amountMinor += price;
  }
  return amountMinor;
}

export interface PriceGaps {
  /** Categories of the plan without a price. */
  readonly missing: string[];
  /** Prices for categories the plan does not have. */
  readonly unknown: string[];
}

export function priceGaps(plan: Plan, prices: Readonly<Record<string, number>>): PriceGaps {
  const categories = new Set(plan.categories.map(({ id }) => id));
  return {
    missing: [...categories].filter((id) => !Object.hasOwn(prices, id)),
    unknown: Object.keys(prices).filter((id) => !categories.has(id)),
  };
}
