import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { findPeople } from "../../auth/index.ts";
import { conversationsFull, userUnreachable } from "../errors.ts";
import { userTopic } from "../rules/topics.ts";
import { findBlocksBetween } from "../store/blocks.ts";
import type { StoredConversation } from "../store/conversations.ts";
import { findLastKeyVersions } from "../store/keys.ts";
import { hasFullPerson } from "../store/members.ts";
import { CONVERSATIONS_MAX } from "../types/limits.ts";
import { standingOf } from "./views.ts";

/**
 * Whether all these people can be brought together by the person.
 *
 * @throws USER_UNREACHABLE
 */
export async function assertReachable(
  tx: Tx,
  accountId: string,
  others: readonly string[],
): Promise<void> {
  const known = new Set((await findPeople(tx, others)).map(({ id }) => id));
  const blocked = await findBlocksBetween(tx, accountId, others);
  const unreachable = others.filter((id) => !known.has(id) || blocked.has(id));
  if (unreachable.length > 0) throw userUnreachable({ user_ids: unreachable });
}

/** @throws CONVERSATIONS_FULL */
export async function assertRoom(tx: Tx, accountIds: readonly string[]): Promise<void> {
  if (await hasFullPerson(tx, accountIds, CONVERSATIONS_MAX)) {
    throw conversationsFull({ max: CONVERSATIONS_MAX });
  }
}

/** Tells those who are new in a conversation, and that it waits for their keys. */
export async function welcome(
  tx: Tx,
  events: Events,
  conversation: StoredConversation,
  { fresh, members }: { readonly fresh: readonly string[]; readonly members: readonly string[] },
): Promise<void> {
  const conversationId = conversation.id;
  const lastVersions = await findLastKeyVersions(tx, conversationId, fresh);
  for (const accountId of fresh) {
    const topic = userTopic(accountId);
    events.emit(topic, "chat.conversation_created", { ...standingOf(conversation), members });
    const keyVersion = (lastVersions.get(accountId) ?? 0) + 1;
    events.emit(topic, "chat.keys_needed", {
      conversation_id: conversationId,
      key_version: keyVersion,
    });
  }
}
