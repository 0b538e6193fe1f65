import { defineMethod } from "../../../core/method.ts";
import { attachmentNotFound } from "../errors.ts";
import { findAttachment, readChunk } from "../store/attachments.ts";
import { findConversationOf } from "../store/conversations.ts";
import { chatWire } from "../types.ts";

export const getAttachment = defineMethod({
  name: "chat.getAttachment",
  ...chatWire.methods["chat.getAttachment"],
  summary: "An encrypted chunk of a file, for those who are members of its conversation.",
  access: "person",
  errors: [attachmentNotFound],
  transaction: "snapshot",
  async handle({ input: { attachment_id: id, chunk }, actor: { accountId }, tx, clock }) {
    const found = await findAttachment(tx, id, clock.nowMs());
    const conversation =
      found === null ? null : await findConversationOf(tx, found.conversationId, accountId);
    const content = conversation === null ? null : await readChunk(tx, id, chunk);
    if (found === null || content === null) throw attachmentNotFound();
    return {
      id,
      conversation_id: found.conversationId,
      chunk,
      chunks: found.chunks,
      content: Buffer.from(content).toString("base64url"),
    };
  },
});
