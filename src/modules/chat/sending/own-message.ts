import type { Tx } from "../../../core/database.ts";
import { messageNotFound, notSender } from "../errors.ts";
import { findMessage, type StoredMessage } from "../store/messages.ts";

interface Reader {
  readonly conversationId: string;
  readonly accountId: string;
  readonly nowMs: number;
}

/** @throws MESSAGE_NOT_FOUND for whom no copy was made, and once it has disappeared */
export async function getMessage(tx: Tx, reader: Reader, group: string): Promise<StoredMessage> {
  const message = await findMessage(tx, reader, group);
  if (message === null) throw messageNotFound();
  return message;
}

/** @throws MESSAGE_NOT_FOUND, NOT_SENDER */
export async function getOwnMessage(tx: Tx, reader: Reader, group: string): Promise<StoredMessage> {
  const message = await getMessage(tx, reader, group);
  if (message.senderId !== reader.accountId) throw notSender();
  return message;
}
