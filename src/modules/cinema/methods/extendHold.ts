import { defineMethod } from "../../../core/method.ts";
import { notHeld, screeningNotFound, screeningStarted } from "../errors.ts";
import { inPlanOrder } from "../rules/plan-index.ts";
import { announceSeats, heldSeats } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { extendSeats } from "../store/holds.ts";
import { enterScreening } from "../store/locks.ts";
import { findScreening } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

export const extendHold = ({ plans, tags }: SeatingParts) =>
  defineMethod({
    name: "cinema.extendHold",
    ...cinemaWire.methods["cinema.extendHold"],
    summary: "Lets the hold last ten minutes from now, as far as thirty from its first seat allow.",
    access: "person",
    errors: [screeningNotFound, screeningStarted, notHeld],
    transaction: "write",
    async handle({ input: { screeningId }, actor: { accountId }, tx, clock, events }) {
      await enterScreening(tx, screeningId, accountId);
      const nowMs = clock.nowMs();
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const { startsAtMs } = found.screening;
      if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });
      const extended = await extendSeats(tx, screeningId, accountId, nowMs);
      if (extended === null) throw notHeld({ seatIds: [] });

      const { terms, offered } = extended.hold;
      const seatIds = inPlanOrder(extended.hold.seatIds, await plans.get(tx, found.planId));
      if (extended.changed) {
        const changes = heldSeats(seatIds, tags.of(accountId, screeningId), terms.untilMs);
        announceSeats(events, screeningId, changes);
      }
      return { screeningId, seatIds, ...terms, offered };
    },
  });
