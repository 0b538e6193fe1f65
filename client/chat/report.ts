import { decodeStatement, type Statement } from "./body.ts";
import { fromBase64Url, sameBytes, toBase64Url } from "./bytes.ts";
import type { OpenedCopy } from "./message-codec.ts";
import { hmacSha256 } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import type { Report } from "./server-port.ts";

/** What a member reveals of a message he has opened: its words and the commitment's key. */
export function reportOf(messageGroup: string, opened: OpenedCopy): Report {
  return {
    message_group: messageGroup,
    body: toBase64Url(opened.bodyBytes),
    k_f: toBase64Url(opened.frankingKey),
  };
}

/**
 * Holds a report against the commitment that was stored with the message, and says what was said.
 * Pure: whoever has the commitment can check it, without any key of the conversation.
 *
 * @param commitment base64url, as it was stored when its sender sent the message
 * @throws ChatRefusal COMMITMENT_WRONG when these are not the words that were sent; BASE64_INVALID,
 *   KEY_INVALID, BODY_INVALID
 */
export function verifyReport(report: Report, commitment: string): Statement {
  const frankingKey = fromBase64Url(report.k_f);
  // HMAC fills short keys with zeros and hashes long ones, so other lengths have twins.
  if (frankingKey.length !== 32) throw new ChatRefusal("KEY_INVALID");
  const body = fromBase64Url(report.body);
  if (!sameBytes(hmacSha256(frankingKey, body), fromBase64Url(commitment))) {
    throw new ChatRefusal("COMMITMENT_WRONG");
  }
  return decodeStatement(body);
}
