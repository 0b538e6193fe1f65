import type { Tx } from "../../../core/database.ts";
import { StoaError } from "../../../core/errors.ts";
import type { Events } from "../../../core/events.ts";
import { conversationTopic } from "../rules/topics.ts";
import {
  findSendable,
  insertMessages,
  lockConversations,
  type NewMessage,
} from "../store/sending.ts";
import type { Sent } from "../types.ts";
import { Outbox, type OutboxParts, type Outgoing, sentOf } from "./outbox.ts";
import type { PushedMessage } from "./pushes.ts";

interface PostParts extends OutboxParts {
  readonly tx: Tx;
  readonly events: Events;
}

/**
 * Sends messages, of any conversations, in their order; the outcome of each, in that order.
 *
 * At first nothing is locked: what was decided is written if the conversation is still as it was
 * looked at, which the writing statement finds out under its lock. Where members or keys changed
 * meanwhile, it is decided again with the conversation locked.
 */
export async function post(
  parts: PostParts,
  outgoing: readonly Outgoing[],
): Promise<Array<Sent | StoaError>> {
  const outcomes = new Map<Outgoing, Sent | StoaError>();
  // What is said twice in one go waits for the first to be there to be found.
  let waiting = await postOnce(parts, outgoing, outcomes);
  while (waiting.length > 0) {
    const ids = new Set(waiting.map(({ conversation_id: id }) => id));
    await lockConversations(parts.tx, [...ids]);
    waiting = await postOnce(parts, waiting, outcomes);
  }
  return outgoing.map((message) => {
    const outcome = outcomes.get(message);
    if (outcome === undefined) throw new Error("Every message has an outcome.");
    return outcome;
  });
}

/** One look, one write; answers those that are still to be decided. */
async function postOnce(
  { tx, events, ...parts }: PostParts,
  outgoing: readonly Outgoing[],
  outcomes: Map<Outgoing, Sent | StoaError>,
): Promise<Outgoing[]> {
  const conversationIds = [...new Set(outgoing.map(({ conversation_id: id }) => id))];
  const groups = outgoing.map(({ message_group: group }) => group);
  const outbox = new Outbox(await findSendable(tx, conversationIds, groups), parts);

  const left: Outgoing[] = [];
  const names = new Set<string>();
  const going: Array<{ readonly from: Outgoing; readonly message: NewMessage }> = [];
  for (const from of outgoing) {
    const name = `${from.conversation_id} ${from.message_group}`;
    const decision = names.has(name) ? undefined : outbox.decide(from);
    if (decision === undefined) left.push(from);
    else if (decision instanceof StoaError) outcomes.set(from, decision);
    else if ("sent" in decision) outcomes.set(from, decision.sent);
    else {
      names.add(name);
      going.push({ from, message: decision.message });
    }
  }
  if (going.length === 0) return left;
  const sequences = await insertMessages(
    tx,
    going.map(({ message }) => message),
  );
  for (const [at, { from, message }] of going.entries()) {
    const sequence = sequences[at];
    if (sequence === undefined) {
      left.push(from);
      continue;
    }
    outcomes.set(from, sentOf(message.conversationId, { ...message, sequence }));
    announce(events, message, sequence);
  }
  return left;
}

function announce(events: Events, message: NewMessage, sequence: number): void {
  const insertedAt = message.insertedAt.toISOString();
  const push: PushedMessage = {
    sender: message.senderId,
    inserted_at: insertedAt,
    updated_at: insertedAt,
    message_group: message.group,
    conversation: message.conversationId,
    epoch: message.epoch,
    commitment: message.commitment,
    edit: 0,
    sequence,
    changed: sequence,
    deleted: false,
    expires_at: message.expiresAt?.toISOString() ?? null,
  };
  const enclosed = Object.fromEntries(
    message.copies.map(({ recipientId, id, content, keyVersion }) => [
      recipientId,
      { id, content, key_version: keyVersion },
    ]),
  );
  events.emit(conversationTopic(message.conversationId), "chat.new_message", push, enclosed);
}
