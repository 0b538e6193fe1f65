import type { Tx } from "../../../core/database.ts";
import { defineMethod } from "../../../core/method.ts";
import type { Random } from "../../../core/random.ts";
import { notHeld, screeningNotFound, screeningStarted } from "../errors.ts";
import { inPlanOrder } from "../rules/plan-index.ts";
import { amountOf } from "../rules/prices.ts";
import { announceCounts, announceSeats } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { newReference } from "../seating/references.ts";
import { insertBooking, type NewBooking } from "../store/bookings.ts";
import { lockHold } from "../store/holds.ts";
import { enterScreening } from "../store/locks.ts";
import { findScreening } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

export const book = ({ plans, tags, random }: SeatingParts) =>
  defineMethod({
    name: "cinema.book",
    ...cinemaWire.methods["cinema.book"],
    summary: "Books held seats, those named or the whole hold, while the hold lives.",
    access: "person",
    errors: [screeningNotFound, screeningStarted, notHeld],
    transaction: "write",
    async handle({ input, actor: { accountId }, tx, clock, ids, events }) {
      const { screeningId } = input;
      await enterScreening(tx, screeningId, accountId);
      const nowMs = clock.nowMs();
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const { screening, cinemaName } = found;
      const { cinemaId, title, hallName, startsAtMs, currency, prices } = screening;
      if (startsAtMs <= nowMs) throw screeningStarted({ startedAtMs: startsAtMs });

      const hold = await lockHold(tx, screeningId, accountId, nowMs);
      const asked = input.seatIds ?? hold?.seatIds ?? [];
      const missing = asked.filter((seatId) => hold?.seatIds.includes(seatId) !== true);
      if (hold === null || missing.length > 0) throw notHeld({ seatIds: missing });

      const index = await plans.get(tx, found.planId);
      const seatIds = inPlanOrder(asked, index);
      const amountMinor = amountOf(seatIds, index, prices);
      const id = ids.uuid();
      const sold = { id, screeningId, accountId, seatIds, amountMinor, currency, nowMs };
      const reference = await insertWithReference(tx, sold, random);

      const by = tags.of(accountId, screeningId);
      const changes = seatIds.map((seatId) => ({ seatId, state: "booked" as const, by }));
      announceSeats(events, screeningId, changes);
      const difference = { held: -seatIds.length, booked: seatIds.length };
      announceCounts(events, { screeningId, cinemaId }, difference);
      const place = { screeningId, title, cinemaName, hallName, startsAtMs };
      const price = { amountMinor, currency, bookedAtMs: nowMs };
      return { id, reference, status: "booked" as const, ...place, seatIds, ...price };
    },
  });

const REFERENCE_ATTEMPTS_MAX = 3;

async function insertWithReference(
  tx: Tx,
  sold: Omit<NewBooking, "reference">,
  random: Random,
): Promise<string> {
  for (let attempt = 0; attempt < REFERENCE_ATTEMPTS_MAX; attempt += 1) {
    const reference = newReference(random);
    if (await insertBooking(tx, { ...sold, reference })) return reference;
  }
  throw new Error("Every reference that was tried is in use.");
}
