import { defineGatheredMethod } from "../../../core/method.ts";
import {
  conversationBlocked,
  conversationNotFound,
  epochDiffers,
  keysStale,
  messageDiffers,
  notReady,
  recipientsDiffer,
} from "../errors.ts";
import { laneOf } from "../sending/lanes.ts";
import { post } from "../sending/post.ts";
import { SEND_BYTES_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

/**
 * The calls that wait are handled in one transaction: two statements and one commit for all of
 * them. The message_group makes a call repeatable for ever, whatever transport it comes by.
 */
export const sendMessage = defineGatheredMethod({
  name: "chat.sendMessage",
  ...chatWire.methods["chat.sendMessage"],
  summary: "Sends a message: one ciphertext for each member of the epoch, all of them or none.",
  access: "person",
  inputBytesMax: SEND_BYTES_MAX,
  errors: [
    conversationNotFound,
    messageDiffers,
    conversationBlocked,
    notReady,
    recipientsDiffer,
    epochDiffers,
    keysStale,
  ],
  transaction: "write",
  gather: ({ input }) => laneOf(input.conversation_id),
  async handleAll({ calls, tx, events, ids, clock }) {
    const outgoing = calls.map(({ input, actor: { accountId } }) => ({
      ...input,
      senderId: accountId,
    }));
    return post({ tx, events, ids, nowMs: clock.nowMs() }, outgoing);
  },
});
