import { defineMethod } from "../../../core/method.ts";
import { userTopic } from "../rules/topics.ts";
import { deleteBlock } from "../store/blocks.ts";
import { chatWire } from "../types.ts";

export const unblock = defineMethod({
  name: "chat.unblock",
  ...chatWire.methods["chat.unblock"],
  summary: "Takes a block back.",
  access: "person",
  errors: [],
  transaction: "write",
  async handle({ input: { user_id: userId }, actor: { accountId }, tx, events }) {
    await deleteBlock(tx, accountId, userId);
    events.emit(userTopic(accountId), "chat.blocked", { user_id: userId, blocked: false });
    return {};
  },
});
