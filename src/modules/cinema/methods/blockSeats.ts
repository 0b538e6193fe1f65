import { defineMethod } from "../../../core/method.ts";
import { screeningNotFound, seatTaken, seatUnknown } from "../errors.ts";
import { inPlanOrder, unknownSeats } from "../rules/plan-index.ts";
import { announceCounts, announceSeats } from "../seating/announce.ts";
import { giveBackSeats } from "../seating/giving-back.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { shareScreening } from "../store/locks.ts";
import { findScreening } from "../store/programme.ts";
import { blockSeats as block, lockBlockedSeats } from "../store/seats.ts";
import { cinemaWire } from "../types.ts";

/** All or nothing, like a hold: who holds or has booked a seat keeps it. */
export const blockSeats = ({ plans }: SeatingParts) =>
  defineMethod({
    name: "cinema.blockSeats",
    ...cinemaWire.methods["cinema.blockSeats"],
    summary: "Takes seats of a screening out of sale, or puts them back.",
    access: "operator",
    errors: [screeningNotFound, seatUnknown, seatTaken],
    transaction: "write",
    async handle({ input: { screeningId, blocked, ...input }, tx, clock, events }) {
      const seatIds = [...new Set(input.seatIds)];
      await shareScreening(tx, screeningId);
      const nowMs = clock.nowMs();
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const index = await plans.get(tx, found.planId);
      const unknown = unknownSeats(seatIds, index);
      if (unknown.length > 0) throw seatUnknown({ seatIds: unknown });
      const screening = { screeningId, cinemaId: found.screening.cinemaId };

      if (!blocked) {
        const changed = await lockBlockedSeats(tx, screeningId, seatIds);
        await giveBackSeats(tx, events, screening, changed, "blocked", nowMs);
        return { changed: inPlanOrder(changed, index) };
      }
      const { fresh, takenOver, lost } = await block(tx, screeningId, seatIds, nowMs);
      if (lost.length > 0) throw seatTaken({ seatIds: inPlanOrder(lost, index) });
      const changed = inPlanOrder([...fresh, ...takenOver], index);
      const changes = changed.map((seatId) => ({ seatId, state: "blocked" as const }));
      announceSeats(events, screeningId, changes);
      const difference = {
        free: -fresh.length,
        held: -takenOver.length,
        blocked: changed.length,
      };
      announceCounts(events, screening, difference);
      return { changed };
    },
  });
