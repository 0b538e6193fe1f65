import { defineMethod } from "../../../core/method.ts";
import { cinemaNotFound, reportTooLarge } from "../errors.ts";
import { cinemaExists } from "../store/editing.ts";
import { listSales } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

const REPORT_LINES_MAX = 1_000;

export const report = defineMethod({
  name: "cinema.report",
  ...cinemaWire.methods["cinema.report"],
  summary: "Seats, bookings and revenue of a cinema's screenings that start in a span of time.",
  access: "operator",
  errors: [cinemaNotFound, reportTooLarge],
  urgency: "history",
  transaction: "snapshot",
  async handle({ input: { cinemaId, fromMs, toMs }, tx }) {
    if (!(await cinemaExists(tx, cinemaId))) throw cinemaNotFound();
    const sales = await listSales(tx, cinemaId, fromMs, toMs, REPORT_LINES_MAX + 1);
    if (sales.length > REPORT_LINES_MAX) throw reportTooLarge({ max: REPORT_LINES_MAX });
    return {
      lines: sales.map(({ screening, seatCount, bookings, revenueMinor }) => ({
        screeningId: screening.id,
        title: screening.title,
        hallName: screening.hallName,
        startsAtMs: screening.startsAtMs,
        seatCount,
        counts: screening.counts,
        bookings,
        revenueMinor,
        currency: screening.currency,
      })),
    };
  },
});
