import { z } from "zod";
import { Uuid } from "../../../core/schema.ts";
import type { Vault } from "../../../core/vault.ts";
import { nameKey } from "../rules/names.ts";
import { places } from "./tokens.ts";

/** How long a candidate has to scan the QR code and type the first code. */
export const CHALLENGE_MS_MAX = 10 * 60_000;

const Challenge = z.strictObject({
  id: Uuid,
  usernameKey: z.string(),
  /** In base32. */
  secret: z.string(),
  expiresAtMs: z.int(),
});
export type Challenge = z.infer<typeof Challenge>;

/**
 * What a candidate's enrolment rests on. The client carries it, sealed, so that names which are
 * only asked for leave no trace here and belong to nobody. The account that comes of it keeps its
 * id, which no second one can have.
 */
export function sealChallenge(vault: Vault, challenge: Challenge): string {
  return vault.seal(JSON.stringify(challenge), places.challenge);
}

/** Null when it is not ours, is for another name, or is over. */
export function openChallenge(
  vault: Vault,
  sealed: string,
  { username, nowMs }: { readonly username: string; readonly nowMs: number },
): Challenge | null {
  try {
    const challenge = Challenge.parse(JSON.parse(vault.open(sealed, places.challenge)));
    if (challenge.usernameKey !== nameKey(username)) return null;
    return nowMs < challenge.expiresAtMs ? challenge : null;
  } catch {
    return null;
  }
}
