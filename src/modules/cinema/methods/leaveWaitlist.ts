import { defineMethod } from "../../../core/method.ts";
import { enterScreening } from "../store/locks.ts";
import { deleteWaitings } from "../store/waitings.ts";
import { cinemaWire } from "../types.ts";

/** Leaving a list one is not in changes nothing. What was offered before stays held. */
export const leaveWaitlist = defineMethod({
  name: "cinema.leaveWaitlist",
  ...cinemaWire.methods["cinema.leaveWaitlist"],
  summary: "Leaves the waiting list of a screening.",
  access: "person",
  errors: [],
  transaction: "write",
  async handle({ input: { screeningId }, actor: { accountId }, tx }) {
    await enterScreening(tx, screeningId, accountId);
    await deleteWaitings(tx, screeningId, [accountId]);
    return {};
  },
});
