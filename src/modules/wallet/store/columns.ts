/**
 * Columns of rows as arrays, as PostgreSQL reads them from text. The driver writes arrays too, for
 * any depth and type, and that took as long as deciding what is in them.
 */

type Plain = bigint | number | boolean | null | undefined;

/** Of numbers, booleans, and nothings. */
export function plainColumn<Row>(rows: Iterable<Row>, of: (row: Row) => Plain): string {
  let text = "";
  for (const row of rows) text += `,${of(row) ?? "NULL"}`;
  return `{${text.slice(1)}}`;
}

const NEEDS_QUOTES = /[^\w:.-]|^null$|^$/i;

/** Of texts and nothings. */
export function textColumn<Row>(
  rows: Iterable<Row>,
  of: (row: Row) => string | null | undefined,
): string {
  let text = "";
  for (const row of rows) text += `,${quoted(of(row))}`;
  return `{${text.slice(1)}}`;
}

function quoted(value: string | null | undefined): string {
  if (value === null || value === undefined) return "NULL";
  return NEEDS_QUOTES.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
