/**
 * Amounts are decimal texts, as the service writes and reads them: `12.50`. Nothing here is ever a
 * float; where amounts are compared or added they are counted in the asset's smallest unit.
 */

/** What is kept when nothing else is chosen. */
export const FIRST_ASSET = "COIN";

/** Digits of an amount, those behind the point included. */
const DIGITS_MAX = 18;

export interface Counting {
  /** The asset's code, for sentences. */
  readonly asset: string;
  /** Digits behind the point. */
  readonly scale: number;
}

export type Typed =
  | { readonly amount: string; readonly problem?: undefined }
  | { readonly amount?: undefined; readonly problem: string };

/** Digits behind the point of an amount that the service has written: it prints all of them. */
export function scaleOf(amount: string): number {
  return amount.split(".")[1]?.length ?? 0;
}

/** In the smallest unit. The text is one that the service or {@link readTyped} has written. */
export function toMinor(amount: string): bigint {
  return BigInt(amount.replace(".", "").replace("+", ""));
}

/** The same way back. */
export function fromMinor(minor: bigint, scale: number): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const sign = minor < 0n ? "-" : "";
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-scale)}`;
}

/** The smallest amount with so many digits behind the point. */
export function smallest(scale: number): string {
  return fromMinor(1n, scale);
}

export function isZero(amount: string): boolean {
  return toMinor(amount) === 0n;
}

/** What somebody has typed as an amount above zero, with all digits; or what is wrong with it. */
export function readTyped(text: string, { asset, scale }: Counting): Typed {
  const typed = text.replace(/\s/g, "");
  if (typed === "") return { problem: "Type an amount." };
  const [, whole, mark, decimals = ""] = /^(\d*)(?:([.,])(\d*))?$/.exec(typed) ?? [];
  if (whole === undefined || whole + decimals === "") {
    return { problem: `Type an amount in digits, such as ${example(scale)}.` };
  }
  // Nobody can tell whether this is one or a thousand.
  if (mark === "," && decimals.length === 3) {
    return { problem: "Write thousands without a comma, and decimals with a point." };
  }
  if (decimals.length > scale) return { problem: tooFine(asset, scale) };
  const minor = BigInt(whole + decimals.padEnd(scale, "0"));
  if (minor === 0n) return { problem: "Type an amount above zero." };
  if (String(minor).length > DIGITS_MAX) return { problem: "That is more than can be counted." };
  return { amount: fromMinor(minor, scale) };
}

/** What somebody has typed as a decimal of whatever asset; undefined when it is none. */
export function readDecimal(text: string): string | undefined {
  const typed = text.replace(/\s/g, "");
  return /^\d{1,18}(\.\d{1,18})?$/.test(typed) ? typed : undefined;
}

function example(scale: number): string {
  return scale === 0 ? "12" : fromMinor(125n * 10n ** BigInt(scale - 1), scale);
}

function tooFine(asset: string, scale: number): string {
  if (scale === 0) return `${asset} has no digits behind the point.`;
  return `${asset} has ${scale} ${scale === 1 ? "digit" : "digits"} behind the point.`;
}
