import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound, messageNotFound } from "../errors.ts";
import { getConversation } from "../membership/entering.ts";
import { conversationTopic } from "../rules/topics.ts";
import { getMessage } from "../sending/own-message.ts";
import { moveReadMarker } from "../store/members.ts";
import { readProfile } from "../store/profiles.ts";
import { chatWire } from "../types.ts";

export const markRead = defineMethod({
  name: "chat.markRead",
  ...chatWire.methods["chat.markRead"],
  summary: "Says how far one has read; it only moves forward, and is told if one tells it.",
  access: "person",
  errors: [conversationNotFound, messageNotFound],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: conversationId, message_group: group } = input;
    await getConversation(tx, conversationId, accountId);
    const reader = { conversationId, accountId, nowMs: clock.nowMs() };
    const { sequence } = await getMessage(tx, reader, group);
    const marker = await moveReadMarker(tx, reader, { sequence, group });
    if (marker === null) throw conversationNotFound();
    const { read_markers: tells, hidden } = await readProfile(tx, accountId);
    if (marker.moved && tells && !hidden) {
      events.emit(conversationTopic(conversationId), "chat.read", {
        conversation_id: conversationId,
        user_id: accountId,
        message_group: group,
        read_sequence: marker.sequence,
      });
    }
    return { read_sequence: marker.sequence };
  },
});
