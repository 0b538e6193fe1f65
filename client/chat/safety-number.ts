import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "./bytes.ts";
import { safetyStatement } from "./transcripts.ts";

/** Rounds of SHA-512, so that searching for a key with a similar number costs as much each try. */
const ROUNDS = 5_200;
const GROUPS_EACH = 6;

/** A person and his identity key (32 bytes). */
export interface SafetyParty {
  readonly userId: string;
  readonly identity: Uint8Array;
}

/**
 * The 60 digits that two people compare, in twelve groups of five; the same whoever asks.
 *
 * Each person's 30 digits: h = SHA-512(statement), then 5,199 times h = SHA-512(h | identity); of
 * the first 30 bytes, each five as a number, the highest byte first, modulo 100,000. The lower
 * half, as text, stands first.
 *
 * @throws ChatRefusal ID_INVALID
 */
export function safetyNumber(one: SafetyParty, other: SafetyParty): string {
  return [digitsOf(one), digitsOf(other)].sort().join(" ");
}

function digitsOf({ userId, identity }: SafetyParty): string {
  let hash = sha512(safetyStatement(userId, identity));
  for (let round = 1; round < ROUNDS; round++) hash = sha512(concatBytes(hash, identity));
  return Array.from({ length: GROUPS_EACH }, (_, group) => {
    const value = hash
      .subarray(group * 5, group * 5 + 5)
      .reduce((sum, byte) => sum * 256 + byte, 0);
    return (value % 100_000).toString().padStart(5, "0");
  }).join(" ");
}
