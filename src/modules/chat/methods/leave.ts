import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound, privateConversation } from "../errors.ts";
import { enterConversation } from "../membership/entering.ts";
import { part } from "../membership/part.ts";
import { chatWire } from "../types.ts";

export const leave = defineMethod({
  name: "chat.leave",
  ...chatWire.methods["chat.leave"],
  summary: "Leaves a group.",
  access: "person",
  errors: [conversationNotFound, privateConversation],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const before = await enterConversation(tx, input.conversation_id, accountId);
    if (before.private) throw privateConversation();
    await part(tx, events, before, { accountId, by: accountId, nowMs: clock.nowMs() });
    return {};
  },
});
