import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound, privateConversation } from "../errors.ts";
import { announceChange } from "../membership/announce-change.ts";
import { enterConversation } from "../membership/entering.ts";
import { changeConversation } from "../store/conversations.ts";
import { chatWire } from "../types.ts";

export const setAlias = defineMethod({
  name: "chat.setAlias",
  ...chatWire.methods["chat.setAlias"],
  summary: "Names a group, or takes its name away.",
  access: "person",
  errors: [conversationNotFound, privateConversation],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: id, alias } = input;
    const before = await enterConversation(tx, id, accountId);
    if (before.private) throw privateConversation();
    const after = await changeConversation(tx, id, { alias, nowMs: clock.nowMs() });
    const { conversation } = await announceChange(tx, events, after);
    return { conversation };
  },
});
