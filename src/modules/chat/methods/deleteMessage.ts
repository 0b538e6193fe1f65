import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound, messageNotFound, notSender } from "../errors.ts";
import { enterConversation } from "../membership/entering.ts";
import { conversationTopic } from "../rules/topics.ts";
import { getOwnMessage } from "../sending/own-message.ts";
import { nextChange } from "../store/conversations.ts";
import { destroyCopies } from "../store/messages.ts";
import { chatWire } from "../types.ts";

export const deleteMessage = defineMethod({
  name: "chat.deleteMessage",
  ...chatWire.methods["chat.deleteMessage"],
  summary: "Destroys every copy of one's own message; its place stays.",
  access: "person",
  errors: [conversationNotFound, messageNotFound, notSender],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: conversationId, message_group: group } = input;
    const nowMs = clock.nowMs();
    await enterConversation(tx, conversationId, accountId);
    const message = await getOwnMessage(tx, { conversationId, accountId, nowMs }, group);
    if (message.deleted) return { message_group: group, changed: message.changed };
    const { sequence } = message;
    const changed = await nextChange(tx, conversationId);
    await destroyCopies(tx, { conversationId, group, sequence, changed, nowMs });
    events.emit(conversationTopic(conversationId), "chat.message_deleted", {
      conversation_id: conversationId,
      message_group: group,
      sequence,
      changed,
    });
    return { message_group: group, changed };
  },
});
