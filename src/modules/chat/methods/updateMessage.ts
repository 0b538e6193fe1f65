import { StoaError } from "../../../core/errors.ts";
import { defineMethod } from "../../../core/method.ts";
import {
  conversationBlocked,
  conversationNotFound,
  editDiffers,
  epochDiffers,
  keysStale,
  messageDeleted,
  messageNotFound,
  notReady,
  notSender,
  recipientsDiffer,
} from "../errors.ts";
import { enterConversation } from "../membership/entering.ts";
import { checkCopies } from "../rules/copies.ts";
import { getOwnMessage } from "../sending/own-message.ts";
import { announceEdit } from "../sending/pushes.ts";
import { isBlocked, nextChange } from "../store/conversations.ts";
import { listRecipients, replaceCopies } from "../store/messages.ts";
import { SEND_BYTES_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const updateMessage = defineMethod({
  name: "chat.updateMessage",
  ...chatWire.methods["chat.updateMessage"],
  summary: "Edits one's own message: a ciphertext for each member who has the one before.",
  access: "person",
  inputBytesMax: SEND_BYTES_MAX,
  errors: [
    conversationNotFound,
    messageNotFound,
    notSender,
    messageDeleted,
    editDiffers,
    conversationBlocked,
    notReady,
    recipientsDiffer,
    epochDiffers,
    keysStale,
  ],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events, clock }) {
    const { conversation_id: conversationId, message_group: group, edit, commitment } = input;
    const nowMs = clock.nowMs();
    await enterConversation(tx, conversationId, accountId);
    const reader = { conversationId, accountId, nowMs };
    const message = await getOwnMessage(tx, reader, group);
    if (message.deleted) throw messageDeleted();
    const { epoch, sequence, insertedAt } = message;
    const sent = {
      conversation_id: conversationId,
      message_group: group,
      epoch,
      edit,
      sequence,
      inserted_at: insertedAt.toISOString(),
    };
    // The commitment's key is chosen anew each time: only a repeat has the same one.
    if (edit === message.edit && commitment === message.commitment) {
      return { ...sent, changed: message.changed };
    }
    if (edit !== message.edit + 1) throw editDiffers({ edit: message.edit + 1 });

    const copies = checkCopies(
      { epoch: input.epoch ?? epoch, messages: input.messages },
      {
        epoch,
        blocked: await isBlocked(tx, conversationId),
        recipients: await listRecipients(tx, conversationId, sequence),
      },
    );
    if (copies instanceof StoaError) throw copies;
    const changed = await nextChange(tx, conversationId);
    const change = { conversationId, group, sequence, changed, nowMs };
    await replaceCopies(tx, change, { edit, commitment }, copies);
    await announceEdit(tx, events, {
      sender: accountId,
      message_group: group,
      conversation: conversationId,
      epoch,
      commitment,
      edit,
      sequence,
      changed,
      deleted: false,
      inserted_at: sent.inserted_at,
      updated_at: new Date(nowMs).toISOString(),
      expires_at: message.expiresAt?.toISOString() ?? null,
    });
    return { ...sent, changed };
  },
});
