import { defineSubscription } from "../../../core/subscription.ts";
import { conversationNotFound } from "../errors.ts";
import { getConversation } from "../membership/entering.ts";
import { standingOf } from "../membership/views.ts";
import { conversationTopic } from "../rules/topics.ts";
import { encloseCopies } from "../sending/pushes.ts";
import { listMembers } from "../store/members.ts";
import { listChanged } from "../store/messages.ts";
import { MISSED_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const conversation = defineSubscription({
  name: "chat.conversation",
  ...chatWire.subscriptions["chat.conversation"],
  summary: "What happens in a conversation that one is a member of, with one's own ciphertexts.",
  access: "person",
  errors: [conversationNotFound],
  topic: ({ input }) => conversationTopic(input.conversation_id),
  async admit({ input, actor, tx }) {
    await getConversation(tx, input.conversation_id, actor.accountId);
  },
  enclose: encloseCopies,
  ends: ({ type, data }, accountId) =>
    type === "chat.member_removed" && (data as { user_id: string }).user_id === accountId,
  async snapshot({ input, actor: { accountId }, tx, clock }) {
    const { conversation_id: conversationId, last_seen: after } = input;
    const found = await getConversation(tx, conversationId, accountId);
    const reader = { conversationId, accountId, nowMs: clock.nowMs() };
    const limit = MISSED_MAX + 1;
    const missed = after === undefined ? null : await listChanged(tx, reader, { after, limit });
    return {
      ...standingOf(found),
      members: await listMembers(tx, conversationId),
      last_sequence: found.lastSequence,
      last_changed: found.lastChanged,
      missed: missed !== null && missed.length > MISSED_MAX ? null : missed,
    };
  },
});
