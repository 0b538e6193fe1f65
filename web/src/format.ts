/** Numbers, times and lists in words. Texts are English; the reader's region decides the rest. */
const LOCALE = globalThis.navigator?.language?.startsWith("en") ? navigator.language : "en-GB";

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** An amount in the currency's smallest unit, as people write it. */
export function money(amountMinor: number, currency: string): string {
  let format = moneyFormats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
    moneyFormats.set(currency, format);
  }
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}

const timeFormat = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(LOCALE, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const shortDayFormat = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "short",
});
const momentFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

export const time = (atMs: number): string => timeFormat.format(atMs);
export const moment = (atMs: number): string => momentFormat.format(atMs);

/** A key by which moments of one local day are alike, and which sorts by time. */
export function dayKey(atMs: number): string {
  const date = new Date(atMs);
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** "Today", "Tomorrow", or the weekday and date. */
export function dayName(atMs: number, nowMs: number, style: "long" | "short" = "long"): string {
  if (dayKey(atMs) === dayKey(nowMs)) return "Today";
  const tomorrow = new Date(nowMs);
  tomorrow.setDate(tomorrow.getDate() + 1);
  if (dayKey(atMs) === dayKey(tomorrow.getTime())) return "Tomorrow";
  return (style === "long" ? dayFormat : shortDayFormat).format(atMs);
}

/** `9:05`, and `1:00:00` from an hour on. */
export function clock(durationMs: number): string {
  const seconds = Math.max(0, Math.ceil(durationMs / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${pad(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** `1 h 45 min`. */
export function length(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** `1,702`. */
export function number(value: number): string {
  return value.toLocaleString(LOCALE);
}

/** A decimal text of any length, exactly and with all its digits: `1,234.50`, `+0.10`. */
export function decimal(text: string): string {
  const digits = text.split(".")[1]?.length ?? 0;
  const signDisplay = text.startsWith("+") ? "always" : "auto";
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay };
  // As a text it passes through no float.
  return new Intl.NumberFormat(LOCALE, options as Intl.NumberFormatOptions).format(
    text as Intl.StringNumericLiteral,
  );
}

/** `1 seat`, `2 seats`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${number(amount)} ${amount === 1 ? singular : plural}`;
}

const listFormat = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** `A1, A2 and A3`. */
export function list(items: readonly string[]): string {
  return listFormat.format(items);
}

const labelOrder = new Intl.Collator("en", { numeric: true });

/** Seats in the order people name them: A2 before A10. */
export function sortLabels(labels: Iterable<string>): string[] {
  return [...labels].sort(labelOrder.compare);
}

/** How long ago, roughly: `just now`, `5 minutes ago`, then the date. */
export function ago(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${count(minutes, "minute")} ago`;
  if (minutes < 24 * 60) return `${count(Math.floor(minutes / 60), "hour")} ago`;
  return moment(atMs);
}

/** A browser and a system by name, out of a user agent's long line. */
export function device(userAgent: string): string {
  const browser = /Edg\//.test(userAgent)
    ? "Edge"
    : /Firefox\//.test(userAgent)
      ? "Firefox"
      : /Chrom(e|ium)\//.test(userAgent)
        ? "Chrome"
        : /Safari\//.test(userAgent)
          ? "Safari"
          : undefined;
  const system = /Android/.test(userAgent)
    ? "Android"
    : /iPhone|iPad/.test(userAgent)
      ? "iOS"
      : /Windows/.test(userAgent)
        ? "Windows"
        : /Mac OS/.test(userAgent)
          ? "macOS"
          : /Linux/.test(userAgent)
            ? "Linux"
            : undefined;
  const named = [browser, system].filter((name) => name !== undefined).join(" on ");
  return named || userAgent.slice(0, 40) || "An unknown program";
}
