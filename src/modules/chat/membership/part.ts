import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { conversationTopic, userTopic } from "../rules/topics.ts";
import { changeConversation, type StoredConversation } from "../store/conversations.ts";
import { endStay } from "../store/members.ts";

interface Parting {
  readonly accountId: string;
  /** Who ends it. */
  readonly by: string;
  readonly nowMs: number;
}

/** Ends a member's stay in a locked conversation, and tells everybody. */
export async function part(
  tx: Tx,
  events: Events,
  { id, epoch }: StoredConversation,
  { accountId, by, nowMs }: Parting,
): Promise<StoredConversation> {
  await endStay(tx, id, accountId, epoch + 1);
  const changed = await changeConversation(tx, id, { isNewEpoch: true, nowMs });
  events.emit(conversationTopic(id), "chat.member_removed", {
    conversation_id: id,
    epoch: changed.epoch,
    ready: changed.ready,
    by,
    user_id: accountId,
  });
  events.emit(userTopic(accountId), "chat.conversation_removed", { conversation_id: id });
  return changed;
}
