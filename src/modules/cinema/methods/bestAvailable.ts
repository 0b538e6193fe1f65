import { defineMethod } from "../../../core/method.ts";
import { fraction } from "../../../core/random.ts";
import { notEnoughSeats, screeningNotFound, screeningStarted } from "../errors.ts";
import { bestAvailable as best, countEligible } from "../rules/best-available.ts";
import { inPlanOrder } from "../rules/plan-index.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { findOccupancy } from "../store/seats.ts";
import { cinemaWire } from "../types.ts";

export const bestAvailable = ({ plans, random }: SeatingParts) =>
  defineMethod({
    name: "cinema.bestAvailable",
    ...cinemaWire.methods["cinema.bestAvailable"],
    summary: "Proposes the best free seats for a party; `cinema.hold` takes them.",
    access: "anyone",
    errors: [screeningNotFound, screeningStarted, notEnoughSeats],
    transaction: "single",
    budget: { burst: 60, perSecond: 5 },
    async handle({ input, tx, clock }) {
      const nowMs = clock.nowMs();
      const occupancy = await findOccupancy(tx, input.screeningId, nowMs);
      if (occupancy === null) throw screeningNotFound();
      const { planId, startsAtMs } = occupancy;
      if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });
      const index = await plans.get(tx, planId);
      const taken = new Set(occupancy.takenSeatIds);
      const isFree = (seatId: string) => !taken.has(seatId);
      const request = { ...input, accessible: Math.min(input.accessible, input.count) };
      const proposal = best(index, isFree, request, fraction(random));
      if (proposal === null) throw notEnoughSeats({ free: countEligible(index, isFree, request) });
      return { seatIds: inPlanOrder(proposal.seatIds, index), oneRow: proposal.oneRow };
    },
  });
