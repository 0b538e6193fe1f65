import type { StoaError } from "../../../core/errors.ts";
import { defineGatheredMethod } from "../../../core/method.ts";
import {
  screeningNotFound,
  screeningStarted,
  seatLimit,
  seatTaken,
  seatUnknown,
} from "../errors.ts";
import { type Claimed, SeatClaims } from "../rules/claims.ts";
import { inPlanOrder, type PlanIndex, unknownSeats } from "../rules/plan-index.ts";
import { announceCounts, announceSeats, heldSeats } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { findClaimable, saveHeldSeats } from "../store/claims.ts";
import { lockScreenings } from "../store/locks.ts";
import { cinemaWire, SEATS_PER_PERSON_MAX } from "../types.ts";

/**
 * When a sale opens, hundreds want seats of one screening in the same second. Their calls are
 * decided together: the screening is locked and looked at once, `rules/claims.ts` says who gets
 * what, and all of it is one write, one event and one commit.
 */
export const hold = ({ plans, tags }: SeatingParts) =>
  defineGatheredMethod({
    name: "cinema.hold",
    ...cinemaWire.methods["cinema.hold"],
    summary: "Holds seats for ten minutes, all of them or none; adds them to the present hold.",
    access: "person",
    errors: [screeningNotFound, screeningStarted, seatUnknown, seatTaken, seatLimit],
    transaction: "write",
    gather: ({ input }) => input.screeningId,
    async handleAll({ calls, tx, clock, events }) {
      const screeningId = calls[0]?.input.screeningId ?? "";
      await lockScreenings(tx, [screeningId]);
      const claimable = await findClaimable(
        tx,
        screeningId,
        calls.flatMap(({ input }) => input.seatIds),
        calls.map(({ actor }) => actor.accountId),
      );
      const refuseAll = (error: StoaError) => calls.map(() => error);
      if (claimable === null) return refuseAll(screeningNotFound());
      const { cinemaId, planId, startsAtMs, waiting, taken } = claimable;
      const nowMs = clock.nowMs();
      if (startsAtMs <= nowMs) return refuseAll(screeningStarted({ startedAtMs: startsAtMs }));

      const index = await plans.get(tx, planId);
      const claims = new SeatClaims(taken, { nowMs, waiting });
      const outcomes = calls.map(({ input: { seatIds }, actor: { accountId } }) => {
        const unknown = unknownSeats(seatIds, index);
        if (unknown.length > 0) return seatUnknown({ seatIds: unknown });
        return answerOf(screeningId, claims.take(accountId, seatIds), index);
      });

      const { changed, freshCount } = claims;
      await saveHeldSeats(tx, screeningId, changed);
      const changes = changed.flatMap(({ seatId, accountId, untilMs }) =>
        heldSeats([seatId], tags.of(accountId, screeningId), untilMs),
      );
      announceSeats(events, screeningId, changes);
      const by = { free: -freshCount, held: freshCount };
      announceCounts(events, { screeningId, cinemaId }, by);
      return outcomes;
    },
  });

function answerOf(screeningId: string, claimed: Claimed, index: PlanIndex) {
  if ("lost" in claimed) return seatTaken({ seatIds: inPlanOrder(claimed.lost, index) });
  if ("seatsNow" in claimed) {
    return seatLimit({ seatsMax: SEATS_PER_PERSON_MAX, seatsNow: claimed.seatsNow });
  }
  const { terms, seatIds, offered } = claimed;
  return { screeningId, seatIds: inPlanOrder(seatIds, index), ...terms, offered };
}
