import { defineMethod } from "../../../core/method.ts";
import {
  conversationNotFound,
  conversationsFull,
  membersFull,
  privateConversation,
  userUnreachable,
} from "../errors.ts";
import { enterConversation } from "../membership/entering.ts";
import { assertReachable, assertRoom, welcome } from "../membership/invite.ts";
import { conversationTopic } from "../rules/topics.ts";
import { changeConversation } from "../store/conversations.ts";
import { insertMembers, listMembers } from "../store/members.ts";
import { MEMBERS_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const addMembers = defineMethod({
  name: "chat.addMembers",
  ...chatWire.methods["chat.addMembers"],
  summary: "Brings people into a group; they get what is sent from now on, once they have keys.",
  access: "person",
  errors: [
    conversationNotFound,
    privateConversation,
    userUnreachable,
    membersFull,
    conversationsFull,
  ],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: id, user_ids: userIds } = input;
    const before = await enterConversation(tx, id, accountId);
    if (before.private) throw privateConversation();
    const present = await listMembers(tx, id);
    const presentIds = new Set(present.map(({ user_id: userId }) => userId));
    const fresh = userIds.filter((userId) => !presentIds.has(userId));
    if (fresh.length === 0) return { epoch: before.epoch, ready: before.ready, members: present };
    if (present.length + fresh.length > MEMBERS_MAX) throw membersFull({ max: MEMBERS_MAX });
    await assertReachable(tx, accountId, fresh);
    await assertRoom(tx, fresh);

    await insertMembers(tx, id, fresh, { epoch: before.epoch + 1 });
    const change = { isNewEpoch: true, nowMs: clock.nowMs() };
    const conversation = await changeConversation(tx, id, change);
    const { epoch, ready } = conversation;
    const members = await listMembers(tx, id);
    events.emit(conversationTopic(id), "chat.member_added", {
      conversation_id: id,
      epoch,
      ready,
      by: accountId,
      members: members.filter(({ user_id: userId }) => !presentIds.has(userId)),
    });
    const memberIds = members.map(({ user_id: userId }) => userId);
    await welcome(tx, events, conversation, { fresh, members: memberIds });
    return { epoch, ready, members };
  },
});
