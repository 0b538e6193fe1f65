import { defineMethod } from "../../../core/method.ts";
import { attachmentNotFound } from "../errors.ts";
import { findAttachment, deleteAttachment as remove } from "../store/attachments.ts";
import { chatWire } from "../types.ts";

export const deleteAttachment = defineMethod({
  name: "chat.deleteAttachment",
  ...chatWire.methods["chat.deleteAttachment"],
  summary: "Destroys a file that one has uploaded.",
  access: "person",
  errors: [attachmentNotFound],
  transaction: "write",
  async handle({ input: { attachment_id: id }, actor: { accountId }, tx, clock }) {
    const found = await findAttachment(tx, id, clock.nowMs());
    if (found?.accountId !== accountId) throw attachmentNotFound();
    await remove(tx, id);
    return {};
  },
});
