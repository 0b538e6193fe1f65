const USER_AGENT_CHARS_MAX = 200;

/** A client's name for itself, made fit for tables, mails and lists. */
export function userAgentOf(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, " ")
    .trim()
    .slice(0, USER_AGENT_CHARS_MAX)
    .toWellFormed();
}
