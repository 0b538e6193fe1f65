import { defineMethod } from "../../../core/method.ts";
import { listBookings } from "../store/bookings.ts";
import { listHolds } from "../store/holds.ts";
import { listWaitings } from "../store/waitings.ts";
import { cinemaWire } from "../types.ts";

/** Far more screenings than anybody holds seats in at a time. */
const HOLDS_MAX = 1_000;

export const myBookings = defineMethod({
  name: "cinema.myBookings",
  ...cinemaWire.methods["cinema.myBookings"],
  summary: "One's own bookings, newest first, with live holds and places in waiting lists.",
  access: "person",
  errors: [],
  urgency: "history",
  transaction: "snapshot",
  async handle({ input: { before, limit }, actor: { accountId }, tx, clock }) {
    const nowMs = clock.nowMs();
    // One more than asked for tells whether there are more.
    const bookings = await listBookings(tx, accountId, before, limit + 1);
    const holds = await listHolds(tx, accountId, nowMs, HOLDS_MAX);
    return {
      bookings: bookings.slice(0, limit),
      holds: holds.map(({ terms, ...hold }) => ({ ...hold, ...terms })),
      waiting: await listWaitings(tx, accountId, nowMs),
      more: bookings.length > limit,
    };
  },
});
