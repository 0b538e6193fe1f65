/** Digits of an amount, those behind the point included. */
export const AMOUNT_DIGITS_MAX = 18;

const DECIMAL = /^(\d{1,18})(?:\.(\d{1,18}))?$/;

/**
 * An amount in the asset's smallest unit, from a decimal as people write it. No float is involved:
 * the text is taken apart.
 *
 * @param text digits with at most one point: `12`, `12.5`, `12.50`
 * @returns undefined when it is no such text, is zero, or has more digits than the asset or
 * {@link AMOUNT_DIGITS_MAX} allows
 */
export function parseAmount(text: string, scale: number): bigint | undefined {
  const [, whole, decimals = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || decimals.length > scale) return undefined;
  const digits = (whole + decimals.padEnd(scale, "0")).replace(/^0+/, "");
  if (digits === "" || digits.length > AMOUNT_DIGITS_MAX) return undefined;
  return BigInt(digits);
}

/** The same way back, with every digit of the scale: `-12.50`. */
export function formatAmount(minor: bigint, scale: number): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(scale + 1, "0");
  const sign = minor < 0n ? "-" : "";
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The same with its sign, as entries of a statement have it: `+12.50`. */
export function formatSigned(minor: bigint, scale: number): string {
  return minor < 0n ? formatAmount(minor, scale) : `+${formatAmount(minor, scale)}`;
}
