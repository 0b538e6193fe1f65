import { defineMethod } from "../../../core/method.ts";
import { bookingNotFound, screeningStarted } from "../errors.ts";
import { giveBackSeats } from "../seating/giving-back.ts";
import { findBooking, markCancelled } from "../store/bookings.ts";
import { shareScreening } from "../store/locks.ts";
import { cinemaWire } from "../types.ts";

/** Cancelling what is cancelled answers the booking and changes nothing. */
export const cancelBooking = defineMethod({
  name: "cinema.cancelBooking",
  ...cinemaWire.methods["cinema.cancelBooking"],
  summary: "Cancels a booking of one's own, until the screening starts.",
  access: "person",
  errors: [bookingNotFound, screeningStarted],
  transaction: "write",
  async handle({ input: { bookingId }, actor: { accountId }, tx, clock, events }) {
    const known = await findBooking(tx, bookingId, accountId);
    if (known === null) throw bookingNotFound();
    await shareScreening(tx, known.booking.screeningId);
    const found = await findBooking(tx, bookingId, accountId, { lock: true });
    if (found === null) throw bookingNotFound();
    const { booking, cinemaId } = found;
    const { screeningId, seatIds, startsAtMs } = booking;
    if (booking.status === "cancelled") return booking;
    const nowMs = clock.nowMs();
    if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });
    await markCancelled(tx, bookingId, nowMs);
    await giveBackSeats(tx, events, { screeningId, cinemaId }, seatIds, "booked", nowMs);
    return { ...booking, status: "cancelled" as const };
  },
});
