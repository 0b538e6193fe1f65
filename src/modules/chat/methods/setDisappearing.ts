import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound } from "../errors.ts";
import { announceChange } from "../membership/announce-change.ts";
import { enterConversation } from "../membership/entering.ts";
import { changeConversation } from "../store/conversations.ts";
import { chatWire } from "../types.ts";

export const setDisappearing = defineMethod({
  name: "chat.setDisappearing",
  ...chatWire.methods["chat.setDisappearing"],
  summary: "Says how long messages last that are sent from now on.",
  access: "person",
  errors: [conversationNotFound],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: id, seconds } = input;
    await enterConversation(tx, id, accountId);
    const change = { disappearingSeconds: seconds, nowMs: clock.nowMs() };
    return announceChange(tx, events, await changeConversation(tx, id, change));
  },
});
