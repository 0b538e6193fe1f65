import { defineSubscription } from "../../../core/subscription.ts";
import { findPeople } from "../../auth/index.ts";
import { topicNotFound } from "../errors.ts";
import { standingOf } from "../membership/views.ts";
import { acquaintance, showAcquaintances } from "../people/views.ts";
import { userTopic } from "../rules/topics.ts";
import { listBlocked } from "../store/blocks.ts";
import { listConversations } from "../store/conversations.ts";
import { findAccountKeys } from "../store/keys.ts";
import { listAcquainted, listMemberIds, listStays } from "../store/members.ts";
import { readProfile } from "../store/profiles.ts";
import { CONVERSATIONS_MAX, USERS_LISTED_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const me = defineSubscription({
  name: "chat.me",
  ...chatWire.subscriptions["chat.me"],
  summary: "One's own conversations, choices and keys, on all of one's devices.",
  access: "person",
  errors: [topicNotFound],
  topic: ({ actor }) => userTopic(actor.accountId),
  async admit({ input, actor }) {
    if ((input.user_id ?? actor.accountId) !== actor.accountId) throw topicNotFound();
  },
  async snapshot({ actor: { accountId }, tx }) {
    const conversations = await listConversations(tx, accountId, CONVERSATIONS_MAX);
    const members = await listMemberIds(
      tx,
      conversations.map(({ id }) => id),
    );
    const stays = await listStays(tx, accountId);
    const [self] = await findPeople(tx, [accountId]);
    if (self === undefined) throw new Error("Who is signed in has an account.");
    const keys = await findAccountKeys(tx, accountId);
    return {
      user: { ...acquaintance(self), ...(await readProfile(tx, accountId)) },
      conversations: conversations.map((conversation) => {
        const stay = stays.get(conversation.id);
        return {
          ...standingOf(conversation),
          members: members.get(conversation.id) ?? [],
          keys_needed: stay?.hasKey !== true,
          last_sequence: conversation.lastSequence,
          read_sequence: stay?.readSequence ?? 0,
        };
      }),
      users: await showAcquaintances(tx, await listAcquainted(tx, accountId, USERS_LISTED_MAX)),
      blocked: await listBlocked(tx, accountId),
      account_keys_version: keys?.version ?? 0,
    };
  },
});
