import { COMMON_PASSWORDS } from "./common-passwords.ts";
import { nameKey } from "./names.ts";

/**
 * Whether a password is among the first that anybody tries: a common one in whatever case, one
 * character or a run of them over and over, or a name of the account (OWASP ASVS 6.2.4, 6.2.11).
 */
export function isTooCommon(password: string, names: readonly (string | null | undefined)[]) {
  const key = nameKey(password);
  if (COMMON_PASSWORDS.has(key) || isRepetition(key)) return true;
  return names.some((name) => {
    if (name === null || name === undefined) return false;
    const own = nameKey(name);
    return key === own || key === own.split("@")[0] || key === `${own}${own}`;
  });
}

const REPEATED_CHARS_MAX = 4;

/** Whether up to four characters repeat to the end: `aaaaaaaa`, `abcabcabc`, `12341234`. */
function isRepetition(text: string): boolean {
  for (let length = 1; length <= REPEATED_CHARS_MAX && length * 2 <= text.length; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}
