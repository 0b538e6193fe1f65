import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound } from "../errors.ts";
import { conversationTopic } from "../rules/topics.ts";
import { findTypist } from "../store/members.ts";
import { chatWire } from "../types.ts";

export const typing = defineMethod({
  name: "chat.typing",
  ...chatWire.methods["chat.typing"],
  summary: "Tells who is there that one is typing, or no longer; nobody if one is hidden.",
  access: "person",
  errors: [conversationNotFound],
  transaction: "single",
  async handle({ input, actor: { accountId }, tx, events }) {
    const { conversation_id: conversationId } = input;
    const typist = await findTypist(tx, conversationId, accountId);
    if (typist === null) throw conversationNotFound();
    if (typist.tells) {
      events.signal(conversationTopic(conversationId), "chat.user_typing", {
        conversation_id: conversationId,
        user_id: accountId,
        typing: input.typing,
      });
    }
    return {};
  },
});
