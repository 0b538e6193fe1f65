import { createHmac, createSecretKey } from "node:crypto";

/**
 * Names a person towards the others who look at a screening, without telling who it is: the same
 * person has another tag in every screening, and only the holder of the secret can make one.
 */
export interface Tags {
  of(accountId: string, screeningId: string): string;
}

/** 72 bits: in less than one of 10^14 screenings two of 5,000 seats share one by chance. */
const TAG_CHARS = 12;

export function createTags(secret: Uint8Array): Tags {
  const key = createSecretKey(secret);
  return {
    of: (accountId, screeningId) =>
      createHmac("sha256", key)
        .update(`${accountId}|${screeningId}`)
        .digest("base64url")
        .slice(0, TAG_CHARS),
  };
}
