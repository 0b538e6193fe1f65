import type { Tx } from "../../../core/database.ts";
import type { Enclosures, StreamEvent } from "../../../core/event-log.ts";
import type { Events } from "../../../core/events.ts";
import { conversationTopic } from "../rules/topics.ts";
import { type CopyNow, listCopies } from "../store/messages.ts";
import type { Message } from "../types.ts";

/** What all who get a message are pushed alike; one's own copy is enclosed. */
export type PushedMessage = Omit<Message, "id" | "content" | "key_version">;

/** Each recipient's own copy as it is now: what is enclosed overrides what the event says. */
function enclosuresOf(copies: readonly CopyNow[]): Enclosures {
  return Object.fromEntries(
    copies.map((copy) => [
      copy.recipientId,
      {
        id: copy.id,
        content: copy.content,
        key_version: copy.keyVersion,
        commitment: copy.commitment,
        edit: copy.edit,
        changed: Number(copy.changed),
        deleted: copy.deleted,
        updated_at: copy.updatedAt.toISOString(),
      },
    ]),
  );
}

const WITH_COPIES: ReadonlySet<string> = new Set(["chat.new_message", "chat.message_updated"]);

/** Reads again what events of a conversation enclosed: nothing of what has disappeared. */
export async function encloseCopies(
  tx: Tx,
  events: readonly StreamEvent[],
): Promise<readonly Enclosures[]> {
  const messages = events.flatMap(({ type, data }) =>
    WITH_COPIES.has(type) ? [data as PushedMessage] : [],
  );
  const [first] = messages;
  if (first === undefined) return events.map(() => ({}));
  const groups = messages.map(({ message_group: group }) => group);
  const copies = Map.groupBy(
    await listCopies(tx, first.conversation, [...new Set(groups)]),
    ({ group }) => group,
  );
  return events.map(({ type, data }) => {
    if (!WITH_COPIES.has(type)) return {};
    return enclosuresOf(copies.get((data as PushedMessage).message_group) ?? []);
  });
}

/** Tells everybody of an edit, each with his new copy. */
export async function announceEdit(tx: Tx, events: Events, push: PushedMessage): Promise<void> {
  const { conversation, message_group: group } = push;
  const enclosed = enclosuresOf(await listCopies(tx, conversation, [group]));
  events.emit(conversationTopic(conversation), "chat.message_updated", push, enclosed);
}
