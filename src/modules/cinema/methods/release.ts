import { defineMethod } from "../../../core/method.ts";
import { screeningNotFound } from "../errors.ts";
import { inPlanOrder } from "../rules/plan-index.ts";
import { giveBackSeats } from "../seating/giving-back.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { lockHeldSeats, lockHold } from "../store/holds.ts";
import { enterScreening } from "../store/locks.ts";
import { findScreening } from "../store/programme.ts";
import { deleteWaitings } from "../store/waitings.ts";
import { cinemaWire } from "../types.ts";

/**
 * Giving back what one does not have is no error: the answer says what was given back. Who gives
 * back offered seats has declined the offer, and leaves the waiting list.
 */
export const release = ({ plans }: SeatingParts) =>
  defineMethod({
    name: "cinema.release",
    ...cinemaWire.methods["cinema.release"],
    summary: "Gives held seats back, those named or the whole hold.",
    access: "person",
    errors: [screeningNotFound],
    transaction: "write",
    async handle({ input, actor: { accountId }, tx, clock, events }) {
      const { screeningId } = input;
      await enterScreening(tx, screeningId, accountId);
      const nowMs = clock.nowMs();
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const held = await lockHeldSeats(tx, screeningId, accountId, input.seatIds);
      const seatIds = held.map(({ seatId }) => seatId);
      if (held.some(({ offered }) => offered)) await deleteWaitings(tx, screeningId, [accountId]);
      const { cinemaId } = found.screening;
      await giveBackSeats(tx, events, { screeningId, cinemaId }, seatIds, "held", nowMs);

      const index = await plans.get(tx, found.planId);
      const left = await lockHold(tx, screeningId, accountId, nowMs);
      return {
        released: inPlanOrder(seatIds, index),
        hold: left && {
          screeningId,
          seatIds: inPlanOrder(left.seatIds, index),
          ...left.terms,
          offered: left.offered,
        },
      };
    },
  });
