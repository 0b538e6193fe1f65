import type { Output } from "../../api.ts";
import { csv } from "../../csv.ts";

export type ReportLine = Output<"cinema.report">["lines"][number];

const COLUMNS: readonly (readonly [title: string, cell: (line: ReportLine) => string | number])[] =
  [
    ["starts_at", (line) => new Date(line.startsAtMs).toISOString()],
    ["film", (line) => line.title],
    ["hall", (line) => line.hallName],
    ["seats", (line) => line.seatCount],
    ["free", (line) => line.counts.free],
    ["held", (line) => line.counts.held],
    ["booked", (line) => line.counts.booked],
    ["not_on_sale", (line) => line.counts.blocked],
    ["bookings", (line) => line.bookings],
    ["revenue_minor", (line) => line.revenueMinor],
    ["currency", (line) => line.currency],
  ];

/** A line a screening, under a line of titles. */
export function reportCsv(lines: readonly ReportLine[]): string {
  const titles = COLUMNS.map(([title]) => title);
  return csv([titles, ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line)))]);
}
