import { defineMethod } from "../../../core/method.ts";
import {
  screeningNotFound,
  screeningStarted,
  seatLimit,
  seatTaken,
  seatUnknown,
} from "../errors.ts";
import { inPlanOrder, unknownSeats } from "../rules/plan-index.ts";
import { announceCounts, announceSeats, heldSeats } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { claimSeats } from "../store/claims.ts";
import { enterScreening } from "../store/locks.ts";
import { cinemaWire, SEATS_PER_PERSON_MAX } from "../types.ts";

/**
 * Two statements: the locks, and one that reads, decides and takes. What it took is held against
 * the rules afterwards, and an error takes all of it back.
 */
export const hold = ({ plans, tags }: SeatingParts) =>
  defineMethod({
    name: "cinema.hold",
    ...cinemaWire.methods["cinema.hold"],
    summary: "Holds seats for ten minutes, all of them or none; adds them to the present hold.",
    access: "person",
    errors: [screeningNotFound, screeningStarted, seatUnknown, seatTaken, seatLimit],
    transaction: "write",
    async handle({ input: { screeningId, seatIds }, actor: { accountId }, tx, clock, events }) {
      await enterScreening(tx, screeningId, accountId);
      const nowMs = clock.nowMs();
      const claim = { screeningId, accountId, seatIds, nowMs, offered: false };
      const claimed = await claimSeats(tx, claim);
      if (claimed === null) throw screeningNotFound();
      const { cinemaId, planId, startsAtMs, fresh, takenOver, kept, lost, seatsNow } = claimed;
      if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });
      const index = await plans.get(tx, planId);
      const unknown = unknownSeats(seatIds, index);
      if (unknown.length > 0) throw seatUnknown({ seatIds: unknown });
      if (lost.length > 0) throw seatTaken({ seatIds: inPlanOrder(lost, index) });
      if (seatsNow + seatIds.length > SEATS_PER_PERSON_MAX) {
        throw seatLimit({ seatsMax: SEATS_PER_PERSON_MAX, seatsNow });
      }

      const held = inPlanOrder([...fresh, ...takenOver, ...kept], index);
      const { untilMs, extendableUntilMs } = claimed.terms;
      const changes = heldSeats(held, tags.of(accountId, screeningId), untilMs);
      announceSeats(events, screeningId, changes);
      const by = { free: -fresh.length, held: fresh.length };
      announceCounts(events, { screeningId, cinemaId }, by);
      return { screeningId, seatIds: held, untilMs, extendableUntilMs, offered: claimed.offered };
    },
  });
