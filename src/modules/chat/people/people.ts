import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import type { Account } from "../../auth/types.ts";
import type { People } from "../accounts/parts.ts";
import { conversationView } from "../membership/views.ts";
import { GENERAL_TOPIC } from "../rules/topics.ts";
import { listConversations } from "../store/conversations.ts";
import { findAccountKeys } from "../store/keys.ts";
import { listAcquainted } from "../store/members.ts";
import { readProfile } from "../store/profiles.ts";
import { CONVERSATIONS_MAX, USERS_LISTED_MAX } from "../types/limits.ts";
import type { Overview } from "../types.ts";
import { acquaintance, documentProfile, showAcquaintances, stranger } from "./views.ts";

/** What the requests about accounts need of the conversations. */
export const people: People = {
  async registered({ events }, account) {
    announceUser(events, "chat.user_registered", account);
  },
  overview: (tx, account) => readOverview(tx, account),
  async hasAccountKeys(tx, accountId) {
    return (await findAccountKeys(tx, accountId)) !== null;
  },
};

function announceUser(
  events: Events,
  type: "chat.user_registered" | "chat.user_updated",
  account: Account,
): void {
  const { id, display_name } = stranger(account);
  events.emit(GENERAL_TOPIC, type, { user: { id, display_name } });
}

/** What a sign-in answers beside its tokens. */
async function readOverview(tx: Tx, account: Account): Promise<Overview> {
  const conversations = await listConversations(tx, account.id, CONVERSATIONS_MAX);
  const profile = await readProfile(tx, account.id);
  return {
    user: { ...acquaintance(account), ...documentProfile(profile) },
    conversations: conversations.map(conversationView),
    users: await showAcquaintances(tx, await listAcquainted(tx, account.id, USERS_LISTED_MAX)),
  };
}
