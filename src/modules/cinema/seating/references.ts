import type { Random } from "../../../core/random.ts";

/** Crockford's alphabet: no two of its letters and digits are mistaken for each other. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS = 8;

/** A booking's reference of 40 random bits, `7QK2-M0XA`. It is a name and no secret. */
export function newReference(random: Random): string {
  const letters = [...random.bytes(CHARS)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length));
  return `${letters.slice(0, CHARS / 2).join("")}-${letters.slice(CHARS / 2).join("")}`;
}
