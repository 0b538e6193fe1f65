import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
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
    const { rows, last } = await readPage(limit, (count) =>
      listBookings(tx, accountId, before, count),
    );
    const holds = await listHolds(tx, accountId, nowMs, HOLDS_MAX);
    return {
      bookings: rows,
      holds: holds.map(({ terms, ...hold }) => ({ ...hold, ...terms })),
      waiting: await listWaitings(tx, accountId, nowMs),
      more: last !== undefined,
    };
  },
});
