import type { Tx } from "../../../core/database.ts";
import { conversationNotFound } from "../errors.ts";
import {
  findConversationOf,
  lockConversation,
  type StoredConversation,
} from "../store/conversations.ts";

/** @throws CONVERSATION_NOT_FOUND for who is no member, whether or not there is one */
export async function getConversation(
  tx: Tx,
  conversationId: string,
  accountId: string,
): Promise<StoredConversation> {
  return (await findConversationOf(tx, conversationId, accountId)) ?? refuse();
}

/** The same, to change it: nobody else does until the transaction ends. */
export async function enterConversation(
  tx: Tx,
  conversationId: string,
  accountId: string,
): Promise<StoredConversation> {
  return (await lockConversation(tx, conversationId, accountId)) ?? refuse();
}

function refuse(): never {
  throw conversationNotFound();
}
