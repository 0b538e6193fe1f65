import { defineMethod } from "../../../core/method.ts";
import { conversationNotFound, memberNotFound, notOwner, privateConversation } from "../errors.ts";
import { enterConversation } from "../membership/entering.ts";
import { part } from "../membership/part.ts";
import { listMembers } from "../store/members.ts";
import { chatWire } from "../types.ts";

export const removeMember = defineMethod({
  name: "chat.removeMember",
  ...chatWire.methods["chat.removeMember"],
  summary: "Takes somebody out of a group that one owns; he gets nothing that is sent later.",
  access: "person",
  errors: [conversationNotFound, privateConversation, notOwner, memberNotFound],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: id, user_id: userId } = input;
    const before = await enterConversation(tx, id, accountId);
    if (before.private) throw privateConversation();
    const present = await listMembers(tx, id);
    const isOwner = present.some(({ user_id, owner }) => user_id === accountId && owner);
    if (userId !== accountId && !isOwner) throw notOwner();
    if (!present.some(({ user_id }) => user_id === userId)) throw memberNotFound();
    const nowMs = clock.nowMs();
    const after = await part(tx, events, before, { accountId: userId, by: accountId, nowMs });
    const { epoch, ready } = after;
    return { epoch, ready, members: await listMembers(tx, id) };
  },
});
