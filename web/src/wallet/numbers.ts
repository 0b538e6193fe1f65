/** Wallets' numbers: up to 64 digits, shown in groups and typed with or without them. */

const GROUP = /\d{1,4}/g;
const DIGITS_MAX = 64;

/** `4821 0937 5512`. */
export function grouped(walletId: string): string {
  return walletId.match(GROUP)?.join(" ") ?? walletId;
}

/** What somebody has typed or pasted as a number; undefined when it is none. */
export function readNumber(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  return /^\d+$/.test(digits) && digits.length <= DIGITS_MAX ? digits : undefined;
}

const TWELVE_DIGITS_MIN = 10n ** 11n;

/** A number that nobody is likely to have: twelve digits by chance. */
export function proposeNumber(): string {
  const [chance = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return String(TWELVE_DIGITS_MIN + (chance % (9n * TWELVE_DIGITS_MIN)));
}
