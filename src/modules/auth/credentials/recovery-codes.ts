import type { Cancellation } from "../../../core/clock.ts";
import type { Random } from "../../../core/random.ts";
import type { HashedSecrets, Passwords } from "./passwords.ts";

const RECOVERY_CODES = 10;
const CHARS = 10;
/** Crockford's base32: nothing in it is mistaken for something else. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export interface RecoveryCodes {
  /** Shown once. */
  readonly codes: readonly string[];
  readonly hashed: HashedSecrets;
}

/**
 * Ten codes of 50 bits, as `k3m9x-0qz7w`. That is few enough bits for them to be hashed slowly,
 * like passwords; they share a salt, so that one hash finds out whether a code is among them.
 */
export async function newRecoveryCodes(
  random: Random,
  passwords: Passwords,
  signal: Cancellation,
): Promise<RecoveryCodes> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newCode(random));
  const hashed = await passwords.deriveAll(codes.map(normaliseRecoveryCode), signal);
  return { codes, hashed };
}

/** A code as it is hashed, however it was typed. */
export function normaliseRecoveryCode(typed: string): string {
  return typed.toLowerCase().replaceAll("-", "").replaceAll("o", "0").replaceAll(/[il]/g, "1");
}

function newCode(random: Random): string {
  const chars = Array.from(random.bytes(CHARS), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${chars.slice(0, CHARS / 2).join("")}-${chars.slice(CHARS / 2).join("")}`;
}
