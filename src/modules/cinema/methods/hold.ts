import type { Tx } from "../../../core/database.ts";
import { defineMethod } from "../../../core/method.ts";
import {
  screeningNotFound,
  screeningStarted,
  seatLimit,
  seatTaken,
  seatUnknown,
} from "../errors.ts";
import { inPlanOrder, type PlanIndex, unknownSeats } from "../rules/plan-index.ts";
import { announceCounts, announceSeats, heldSeats } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import type { PlanCache } from "../seating/plan-cache.ts";
import { alignHold, type Claim, claimSeats, findClaimable } from "../store/claims.ts";
import { enterScreening } from "../store/locks.ts";
import { cinemaWire, SEATS_PER_PERSON_MAX } from "../types.ts";

/**
 * Most of a crowd comes too late, and is told so by one look before there is a transaction. Who may
 * be in time takes the locks and claims the seats in one statement; what it took is held against
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
    prepare({ input, actor: { accountId }, work, clock, signal }) {
      const claim = { ...input, accountId, nowMs: clock.nowMs() };
      return work.single((tx) => look(tx, plans, claim), signal);
    },
    async handle({ input, actor: { accountId }, prepared, tx, clock, events }) {
      const { screeningId, seatIds } = input;
      await enterScreening(tx, screeningId, accountId);
      const claim = { screeningId, accountId, seatIds, nowMs: clock.nowMs(), offered: false };
      let { cinemaId, planId, index } = prepared;
      let claimed = await claimSeats(tx, { ...claim, planId });
      if (claimed === null) {
        // The screening has started since it was looked at, or it has another plan.
        ({ cinemaId, planId, index } = await look(tx, plans, claim));
        claimed = await claimSeats(tx, { ...claim, planId });
      }
      if (claimed === null) throw new Error("A screening changed while it was locked.");
      const { terms, fresh, takenOver, lost, seatsNow } = claimed;
      if (lost.length > 0) throw seatTaken({ seatIds: inPlanOrder(lost, index) });
      if (seatsNow + seatIds.length > SEATS_PER_PERSON_MAX) {
        throw seatLimit({ seatsMax: SEATS_PER_PERSON_MAX, seatsNow });
      }

      const rest = claimed.heldNow > 0 ? await alignHold(tx, claim, terms.untilMs) : undefined;
      const held = inPlanOrder([...fresh, ...takenOver, ...(rest?.seatIds ?? [])], index);
      const changes = heldSeats(held, tags.of(accountId, screeningId), terms.untilMs);
      announceSeats(events, screeningId, changes);
      const by = { free: -fresh.length, held: fresh.length };
      announceCounts(events, { screeningId, cinemaId }, by);
      const offered = claimed.offered || rest?.offered === true;
      return { screeningId, seatIds: held, ...terms, offered };
    },
  });

interface Look {
  readonly cinemaId: number;
  readonly planId: string;
  readonly index: PlanIndex;
}

/** Throws when the seats cannot be had at this moment. */
async function look(tx: Tx, plans: PlanCache, claim: Claim): Promise<Look> {
  const found = await findClaimable(tx, claim);
  if (found === null) throw screeningNotFound();
  const { cinemaId, planId, startsAtMs, blocked } = found;
  if (startsAtMs <= claim.nowMs) throw screeningStarted({ startedAtMs: startsAtMs });
  const index = await plans.get(tx, planId);
  const unknown = unknownSeats(claim.seatIds, index);
  if (unknown.length > 0) throw seatUnknown({ seatIds: unknown });
  if (blocked.length > 0) throw seatTaken({ seatIds: inPlanOrder(blocked, index) });
  return { cinemaId, planId, index };
}
