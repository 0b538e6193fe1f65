import { z } from "zod";
import { defineError } from "../../core/errors.ts";
import { Uuid } from "../../core/schema.ts";

/** Also the answer to those who are not members, or no longer: ids of others tell nothing. */
export const conversationNotFound = defineError({
  code: "CONVERSATION_NOT_FOUND",
  kind: "not_found",
  message: "You have no conversation with this id.",
});

/** Of a topic that is another person's, whether or not there is such a person. */
export const topicNotFound = defineError({
  code: "TOPIC_NOT_FOUND",
  kind: "not_found",
  message: "There is nothing here for you to follow.",
});

/** Nobody has this id, or one of the two has blocked the other: both are told alike. */
export const userUnreachable = defineError({
  code: "USER_UNREACHABLE",
  kind: "not_found",
  message: "Some of these people cannot be reached by you.",
  data: z.strictObject({ user_ids: z.array(Uuid) }),
});

export const privatePair = defineError({
  code: "PRIVATE_PAIR",
  kind: "invalid_input",
  message: "A private conversation is between you and one other person, and has no alias.",
});

export const privateConversation = defineError({
  code: "PRIVATE_CONVERSATION",
  kind: "rejected",
  message: "A private conversation keeps its two members for ever, and has no alias.",
});

export const membersFull = defineError({
  code: "MEMBERS_FULL",
  kind: "rejected",
  message: "This would be more people than a conversation can have.",
  data: z.strictObject({ max: z.int() }),
});

export const conversationsFull = defineError({
  code: "CONVERSATIONS_FULL",
  kind: "rejected",
  message: "One of these people has as many conversations as one person can have.",
  data: z.strictObject({ max: z.int() }),
});

export const memberNotFound = defineError({
  code: "MEMBER_NOT_FOUND",
  kind: "not_found",
  message: "This person is not a member of the conversation.",
});

export const notOwner = defineError({
  code: "NOT_OWNER",
  kind: "forbidden",
  message: "Only the owner of the conversation may remove others.",
});

export const accountKeysNeeded = defineError({
  code: "ACCOUNT_KEYS_NEEDED",
  kind: "conflict",
  message: "Set the keys of your account first: they sign the keys of conversations.",
});

export const accountKeysDiffer = defineError({
  code: "ACCOUNT_KEYS_DIFFER",
  kind: "conflict",
  message: "The keys of your account were changed meanwhile. Read them and begin again.",
  data: z.strictObject({
    /** The version that comes next. */
    version: z.int(),
  }),
});

export const keyVersionDiffers = defineError({
  code: "KEY_VERSION_DIFFERS",
  kind: "conflict",
  message: "You have set a key of this version before, or not the one before it.",
  data: z.strictObject({
    /** The version that comes next. */
    key_version: z.int(),
  }),
});

export const notReady = defineError({
  code: "CONVERSATION_NOT_READY",
  kind: "conflict",
  message: "Some members have set no key yet: until then nothing can be sent to them.",
  data: z.strictObject({ user_ids: z.array(Uuid) }),
});

export const recipientsDiffer = defineError({
  code: "RECIPIENTS_DIFFER",
  kind: "conflict",
  message: "A message has one ciphertext for each member and no other. Nothing was sent.",
  data: z.strictObject({ missing: z.array(Uuid), extra: z.array(Uuid), epoch: z.int() }),
});

export const epochDiffers = defineError({
  code: "EPOCH_DIFFERS",
  kind: "conflict",
  message: "Members have come or gone since. Read who they are and begin again.",
  data: z.strictObject({ epoch: z.int() }),
});

/** 410 over REST. */
export const keysStale = defineError({
  code: "KEYS_STALE",
  kind: "conflict",
  message: "Some ciphertexts are for keys that were replaced. Read the keys and encrypt again.",
  data: z.strictObject({
    /** Those who have other keys now. */
    stale: z.array(Uuid),
  }),
});

export const messageDiffers = defineError({
  code: "MESSAGE_DIFFERS",
  kind: "conflict",
  message: "This message_group belongs to another message. Choose a new one.",
});

export const conversationBlocked = defineError({
  code: "CONVERSATION_BLOCKED",
  kind: "forbidden",
  message: "One of the two of you has blocked the other.",
});

export const messageNotFound = defineError({
  code: "MESSAGE_NOT_FOUND",
  kind: "not_found",
  message: "There is no such message for you in this conversation.",
});

export const notSender = defineError({
  code: "NOT_SENDER",
  kind: "forbidden",
  message: "Only its sender may change or delete a message.",
});

export const messageDeleted = defineError({
  code: "MESSAGE_DELETED",
  kind: "conflict",
  message: "This message was deleted.",
});

export const editDiffers = defineError({
  code: "EDIT_DIFFERS",
  kind: "conflict",
  message: "The message was edited meanwhile. Read it and begin again.",
  data: z.strictObject({
    /** The edit that comes next. */
    edit: z.int(),
  }),
});

/** Made up, changed, another person's, or of another list: all alike. */
export const pageTokenInvalid = defineError({
  code: "PAGE_TOKEN_INVALID",
  kind: "invalid_input",
  message: "This page_token does not belong to this list of yours. Begin with the first page.",
});

export const commitmentDiffers = defineError({
  code: "COMMITMENT_DIFFERS",
  kind: "rejected",
  message: "These are not the words that were sent: the message's commitment is another.",
});

export const listFull = defineError({
  code: "LIST_FULL",
  kind: "rejected",
  message: "There are as many of these as one person can have.",
  data: z.strictObject({ max: z.int() }),
});

export const attachmentNotFound = defineError({
  code: "ATTACHMENT_NOT_FOUND",
  kind: "not_found",
  message: "There is no such file, or no such part of it, for you.",
});

export const attachmentsFull = defineError({
  code: "ATTACHMENTS_FULL",
  kind: "rejected",
  message: "Your files take as much room as one person has. Delete some first.",
  data: z.strictObject({ bytesMax: z.int() }),
});

export const chunkDiffers = defineError({
  code: "CHUNK_DIFFERS",
  kind: "conflict",
  message: "The chunks of a file come one after the other.",
  data: z.strictObject({
    /** The number of the chunk that comes next. */
    chunk: z.int(),
  }),
});
