import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { conversationTopic, userTopic } from "../rules/topics.ts";
import type { StoredConversation } from "../store/conversations.ts";
import { listMemberIds } from "../store/members.ts";
import { conversationView } from "./views.ts";

/** Tells every member of a conversation that has another alias or lets messages disappear. */
export async function announceChange(tx: Tx, events: Events, conversation: StoredConversation) {
  const update = {
    conversation: conversationView(conversation),
    disappearing_seconds: conversation.disappearingSeconds,
  };
  const { id } = conversation;
  const members = (await listMemberIds(tx, [id])).get(id) ?? [];
  events.emit(conversationTopic(id), "chat.conversation_updated", update);
  for (const accountId of members) {
    events.emit(userTopic(accountId), "chat.conversation_updated", update);
  }
  return update;
}
