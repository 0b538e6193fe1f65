/** Whose events: what the methods emit to, and the subscriptions follow. */

export const GENERAL_TOPIC = "chat.general";

export function userTopic(accountId: string): string {
  return `chat.user.${accountId}`;
}

export function conversationTopic(conversationId: string): string {
  return `chat.conversation.${conversationId}`;
}
