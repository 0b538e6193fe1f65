import { defineMethod } from "../../../core/method.ts";
import {
  screeningNotFound,
  screeningStarted,
  seatLimit,
  seatsAvailable,
  waitlistLimit,
} from "../errors.ts";
import { WAITING_PER_PERSON_MAX, WAITING_PER_SCREENING_MAX } from "../rules/waitlist.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { lockScreenings } from "../store/locks.ts";
import { findScreening } from "../store/programme.ts";
import { getLineFacts, listWaitings, upsertWaiting } from "../store/waitings.ts";
import { cinemaWire, SEATS_PER_PERSON_MAX } from "../types.ts";

/**
 * Nobody waits while as many seats are free as they want; accessible places do not count, because
 * the line is not offered them. The screening stands still meanwhile: no seat comes free unseen
 * between the count and the place in the line.
 */
export const joinWaitlist = ({ plans }: SeatingParts) =>
  defineMethod({
    name: "cinema.joinWaitlist",
    ...cinemaWire.methods["cinema.joinWaitlist"],
    summary: "Joins the waiting list of a screening; seats that come free are offered in order.",
    access: "person",
    errors: [screeningNotFound, screeningStarted, seatsAvailable, seatLimit, waitlistLimit],
    transaction: "write",
    async handle({ input: { screeningId, count }, actor: { accountId }, tx, clock }) {
      await lockScreenings(tx, [screeningId]);
      const nowMs = clock.nowMs();
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const { startsAtMs } = found.screening;
      if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });

      const { seatCount, accessibleSeatIds } = await plans.get(tx, found.planId);
      const facts = await getLineFacts(tx, screeningId, accountId, accessibleSeatIds, nowMs);
      const { taken, seatsNow, waiting, waitingElsewhere } = facts;
      const free = seatCount - accessibleSeatIds.length - taken;
      if (free >= count) throw seatsAvailable({ free });
      if (seatsNow + count > SEATS_PER_PERSON_MAX) {
        throw seatLimit({ seatsMax: SEATS_PER_PERSON_MAX, seatsNow });
      }
      if (waiting >= WAITING_PER_SCREENING_MAX) {
        throw waitlistLimit({ max: WAITING_PER_SCREENING_MAX });
      }
      if (waitingElsewhere >= WAITING_PER_PERSON_MAX) {
        throw waitlistLimit({ max: WAITING_PER_PERSON_MAX });
      }

      await upsertWaiting(tx, screeningId, accountId, count);
      const [place] = await listWaitings(tx, accountId, nowMs, screeningId);
      if (place === undefined) throw new Error("Who joined is in the line.");
      return place;
    },
  });
