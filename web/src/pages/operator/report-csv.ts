import type { Output } from "../../api.ts";

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

/** RFC 4180: a line a screening, under a line of titles. */
export function reportCsv(lines: readonly ReportLine[]): string {
  const table = [
    COLUMNS.map(([title]) => title),
    ...lines.map((line) => COLUMNS.map(([, cell]) => quote(cell(line)))),
  ];
  return table.map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Quotes what needs it. A text that a spreadsheet would take for a formula is marked as text. */
function quote(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
