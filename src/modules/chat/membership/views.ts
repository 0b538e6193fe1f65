import type { StoredConversation } from "../store/conversations.ts";
import type { Conversation } from "../types.ts";

export function conversationView(stored: StoredConversation): Conversation {
  return {
    id: stored.id,
    private: stored.private,
    alias: stored.alias,
    inserted_at: stored.insertedAt.toISOString(),
    updated_at: stored.updatedAt.toISOString(),
  };
}

/** How a conversation stands. */
export function standingOf(stored: StoredConversation) {
  return {
    conversation: conversationView(stored),
    epoch: stored.epoch,
    ready: stored.ready,
    disappearing_seconds: stored.disappearingSeconds,
  };
}
