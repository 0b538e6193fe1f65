/** Who mails come from, as both transports need it. */
export interface Sender {
  /** As configured: `Stoa <stoa@example.org>`, or the address alone. */
  readonly from: string;
  readonly address: string;
  /** The id of a mail on the wire (RFC 5322 §3.6.4): the same each time the mail is delivered. */
  messageId(mailId: string): string;
}

const FROM = /^(?:[^\p{Cc}<>]*<)?([^\s\p{Cc}@<>]+@([^\s\p{Cc}@<>]+))>?$/u;

/** @throws Error when it is not one address, with or without a name. */
export function parseSender(from: string): Sender {
  const [, address, domain] = FROM.exec(from.trim()) ?? [];
  if (address === undefined || domain === undefined) {
    throw new Error(`"${from}" is not a sender like "Stoa <stoa@example.org>"`);
  }
  return { from: from.trim(), address, messageId: (mailId) => `<${mailId}@${domain}>` };
}
