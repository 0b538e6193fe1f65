import { defineMethod } from "../../../core/method.ts";
import { findPrivateConversation } from "../store/conversations.ts";
import { chatWire } from "../types.ts";

export const findPrivate = defineMethod({
  name: "chat.findPrivate",
  ...chatWire.methods["chat.findPrivate"],
  summary: "The private conversation that one has with somebody, if there is one.",
  access: "person",
  errors: [],
  transaction: "single",
  async handle({ input: { user_id: userId }, actor: { accountId }, tx }) {
    const found = await findPrivateConversation(tx, [accountId, userId]);
    return { conversation_id: found?.id ?? null };
  },
});
