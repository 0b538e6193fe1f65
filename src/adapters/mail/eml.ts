import type { Mail } from "../../core/mailer.ts";

/**
 * Mail as text (RFC 5322), with UTF-8 in the header (RFC 6532) and the body as it is: a person can
 * read the file and search it. Only a body with a line too long for that is encoded.
 */

export interface StoredMail extends Mail {
  readonly id: string;
  readonly sentAtMs: number;
}

/** RFC 5322 §2.1.1, without the line break. */
const LINE_BYTES_MAX = 998;
const BASE64_LINE = /.{1,76}/g;

export interface EmlHeader {
  readonly from: string;
  readonly messageId: string;
}

export function writeEml(mail: StoredMail, { from, messageId }: EmlHeader): string {
  const lines = mail.text.split(/\r\n|\r|\n/);
  const plain = lines.every((line) => Buffer.byteLength(line) <= LINE_BYTES_MAX);
  const body = plain ? lines : Buffer.from(mail.text).toString("base64").match(BASE64_LINE);
  const header = [
    `From: ${from}`,
    `To: ${mail.to}`,
    `Subject: ${mail.subject}`,
    `Date: ${new Date(mail.sentAtMs).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${messageId}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Transfer-Encoding: ${plain ? "8bit" : "base64"}`,
  ];
  return `${[...header, "", ...(body ?? [])].join("\r\n")}\r\n`;
}

/** Reads what `writeEml` wrote; null for anything else. */
export function readEml(id: string, eml: string): StoredMail | null {
  const end = eml.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const header = new Map<string, string>();
  for (const line of eml.slice(0, end).split("\r\n")) {
    const colon = line.indexOf(": ");
    header.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const to = header.get("To");
  const subject = header.get("Subject");
  const sentAtMs = Date.parse(header.get("Date") ?? "");
  if (to === undefined || subject === undefined || Number.isNaN(sentAtMs)) return null;
  const body = eml.slice(end + 4, -2);
  const encoded = header.get("Content-Transfer-Encoding") === "base64";
  const text = encoded ? Buffer.from(body, "base64").toString() : body.replaceAll("\r\n", "\n");
  return { id, to, subject, sentAtMs, text };
}
