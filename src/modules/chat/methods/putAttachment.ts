import { defineMethod } from "../../../core/method.ts";
import {
  attachmentNotFound,
  attachmentsFull,
  chunkDiffers,
  conversationNotFound,
} from "../errors.ts";
import { getConversation } from "../membership/entering.ts";
import { appendChunk, findAttachment, insertAttachment, lockQuota } from "../store/attachments.ts";
import { ATTACHMENTS_BYTES_MAX, CHUNK_CHARS_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

/** A chunk in JSON with what is around it. */
const CHUNK_JSON_BYTES_MAX = CHUNK_CHARS_MAX + 1_024;

export const putAttachment = defineMethod({
  name: "chat.putAttachment",
  ...chatWire.methods["chat.putAttachment"],
  summary: "Keeps the next encrypted chunk of a file for the members of a conversation.",
  access: "person",
  inputBytesMax: CHUNK_JSON_BYTES_MAX,
  errors: [conversationNotFound, attachmentNotFound, chunkDiffers, attachmentsFull],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, ids, clock }) {
    const { conversation_id: conversationId, chunk } = input;
    const nowMs = clock.nowMs();
    const { disappearingSeconds } = await getConversation(tx, conversationId, accountId);
    const bytesKept = await lockQuota(tx, accountId);
    const content = Buffer.from(input.content, "base64url");
    if (bytesKept + content.length > ATTACHMENTS_BYTES_MAX) {
      throw attachmentsFull({ bytesMax: ATTACHMENTS_BYTES_MAX });
    }
    const known =
      input.attachment_id === undefined
        ? null
        : await findAttachment(tx, input.attachment_id, nowMs);
    if (input.attachment_id !== undefined) {
      const isOwn = known?.accountId === accountId && known.conversationId === conversationId;
      if (known === null || !isOwn) throw attachmentNotFound();
    }
    if (chunk !== (known?.chunks ?? 0)) throw chunkDiffers({ chunk: known?.chunks ?? 0 });
    const id = known?.id ?? ids.uuid();
    if (known === null) {
      const expiresAtMs = disappearingSeconds === null ? null : nowMs + disappearingSeconds * 1_000;
      await insertAttachment(tx, { id, conversationId, accountId }, { nowMs, expiresAtMs });
    }
    return { id, chunks: await appendChunk(tx, id, content) };
  },
});
