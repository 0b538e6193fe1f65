import type { Tx } from "../../../core/database.ts";
import { defineMethod } from "../../../core/method.ts";
import { conversationsFull, membersFull, privatePair, userUnreachable } from "../errors.ts";
import { assertReachable, assertRoom, welcome } from "../membership/invite.ts";
import { standingOf } from "../membership/views.ts";
import {
  findPrivateConversation,
  insertConversation,
  type StoredConversation,
} from "../store/conversations.ts";
import { insertMembers, listMembers } from "../store/members.ts";
import { MEMBERS_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const createConversation = defineMethod({
  name: "chat.createConversation",
  ...chatWire.methods["chat.createConversation"],
  summary: "Begins a conversation; a second private one of the same two is the first.",
  access: "person",
  errors: [privatePair, userUnreachable, membersFull, conversationsFull],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, ids, clock }) {
    const { private: isPrivate, user_ids: userIds, alias = null } = input;
    const others = userIds.filter((id) => id !== accountId);
    const pair = isPrivate ? pairOf(accountId, others, alias) : null;
    const known = pair === null ? null : await findPrivateConversation(tx, pair);
    if (known !== null) return answer(tx, known, false);

    if (others.length + 1 > MEMBERS_MAX) throw membersFull({ max: MEMBERS_MAX });
    await assertReachable(tx, accountId, others);
    const members = [accountId, ...others];
    await assertRoom(tx, members);
    const made = await insertConversation(tx, {
      id: ids.uuid(),
      pair,
      alias,
      nowMs: clock.nowMs(),
    });
    if (made === null) {
      // The other one has made it in the meantime.
      const theirs = pair === null ? null : await findPrivateConversation(tx, pair);
      if (theirs === null) throw new Error("What is in the way of a conversation is another one.");
      return answer(tx, theirs, false);
    }
    const { id, epoch } = made;
    await insertMembers(tx, id, members, { epoch, ...(isPrivate ? {} : { ownerId: accountId }) });
    await welcome(tx, events, made, { fresh: members, members });
    return answer(tx, made, true);
  },
});

function pairOf(
  accountId: string,
  others: readonly string[],
  alias: string | null,
): readonly [string, string] {
  const [other] = others;
  if (other === undefined || others.length > 1 || alias !== null) throw privatePair();
  return [accountId, other];
}

async function answer(tx: Tx, conversation: StoredConversation, created: boolean) {
  const members = await listMembers(tx, conversation.id);
  return { ...standingOf(conversation), members, created };
}
