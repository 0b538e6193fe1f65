import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { pageTokenInvalid } from "../errors.ts";

/** Where the next page of a list begins, as a text that only the service can make. */
export interface PageTokens {
  /** @param list names whose list it is, and of what: tokens of another one are refused */
  make(list: string, position: number): string;
  /** @throws PAGE_TOKEN_INVALID */
  read(list: string, token: string): number;
}

const POSITION_BYTES = 8;
const MAC_BYTES = 16;

export function createPageTokens(secret: Uint8Array): PageTokens {
  const key = createSecretKey(secret);
  const macOf = (list: string, position: Uint8Array) =>
    createHmac("sha256", key)
      .update(`chat page\n${list}\n`)
      .update(position)
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    make(list, position) {
      const bytes = Buffer.alloc(POSITION_BYTES);
      bytes.writeBigUInt64BE(BigInt(position));
      return Buffer.concat([bytes, macOf(list, bytes)]).toString("base64url");
    },
    read(list, text) {
      const bytes = Buffer.from(text, "base64url");
      const position = bytes.subarray(0, POSITION_BYTES);
      const isWhole = bytes.length === POSITION_BYTES + MAC_BYTES;
      if (
        !isWhole ||
        bytes.toString("base64url") !== text ||
        !timingSafeEqual(bytes.subarray(POSITION_BYTES), macOf(list, position))
      ) {
        throw pageTokenInvalid();
      }
      return Number(position.readBigUInt64BE());
    },
  };
}
