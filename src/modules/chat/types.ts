import { z } from "zod";
import { Empty, type ModuleWire, Uuid } from "../../core/schema.ts";
import { chatAccountsWire } from "./types/accounts.ts";
import {
  CHUNK_CHARS_MAX,
  CONTENT_CHARS_MAX,
  DISAPPEARING_SECONDS_MAX,
  DISAPPEARING_SECONDS_MIN,
  EDITS_MAX,
  MESSAGES_PER_PAGE,
  MISSED_MAX,
  USERS_PER_PAGE,
  WRAP_CHARS_MAX,
} from "./types/limits.ts";
import {
  AccountKeys,
  Alias,
  blob,
  bytes,
  Chunk,
  Commitment,
  Conversation,
  ConversationUpdated,
  Copies,
  Epoch,
  InConversation,
  KeyVersion,
  Member,
  Members,
  Message,
  MessagePush,
  OfMessage,
  OfUser,
  OwnKeys,
  PageToken,
  Profile,
  PublicKey,
  PublicUser,
  pageSize,
  Sent,
  Sequence,
  Signature,
  SignedInUser,
  Standing,
  UserIds,
} from "./types/shapes.ts";

export type { Conversation, Member, Message, Profile, Sent } from "./types/shapes.ts";
export { Overview, PublicUser, RestProfile } from "./types/shapes.ts";

/** The wire contract of the module. */
export const chatWire = {
  methods: {
    ...chatAccountsWire.methods,
    "chat.createConversation": {
      input: z.strictObject({
        private: z.boolean(),
        /** The others; oneself may be among them. */
        user_ids: UserIds,
        alias: Alias.nullable().optional(),
      }),
      /** `created` is false when the two have had their private conversation before. */
      output: z.strictObject({ ...Standing, members: z.array(Member), created: z.boolean() }),
    },
    "chat.setKeys": {
      input: InConversation.extend({
        public_key: PublicKey,
        /** Wrapped by the client. */
        private_key: blob(WRAP_CHARS_MAX),
        /** One more than one's last in this conversation: the first is 1. */
        key_version: KeyVersion,
        signature: Signature,
      }),
      output: z.strictObject({ epoch: Epoch, ready: z.boolean(), key_version: KeyVersion }),
    },
    "chat.getKeys": {
      input: InConversation,
      output: z.strictObject({
        epoch: Epoch,
        ready: z.boolean(),
        keys: z.array(OwnKeys),
        members: z.array(Member),
      }),
    },
    "chat.putAccountKeys": {
      input: z.strictObject(AccountKeys),
      output: z.strictObject({ version: KeyVersion }),
    },
    "chat.getAccountKeys": {
      input: Empty,
      /** Null for who has none yet. */
      output: z.strictObject({
        account_keys: z
          .strictObject({ ...AccountKeys, identity_public_key: z.string() })
          .nullable(),
      }),
    },
    "chat.sendMessage": {
      input: OfMessage.extend({
        epoch: Epoch,
        edit: z.literal(0).optional(),
        commitment: Commitment,
        messages: Copies,
      }),
      output: Sent,
    },
    "chat.updateMessage": {
      /** `edit` is one more than that of the message; `epoch` is the message's. */
      input: OfMessage.extend({
        epoch: Epoch.optional(),
        edit: z.int().min(1).max(EDITS_MAX),
        commitment: Commitment,
        messages: Copies,
      }),
      output: Sent.extend({ changed: Sequence }),
    },
    "chat.deleteMessage": {
      input: OfMessage,
      output: z.strictObject({ message_group: Uuid, changed: Sequence }),
    },
    "chat.markRead": {
      /** Up to and with this message. */
      input: OfMessage,
      output: z.strictObject({ read_sequence: Sequence }),
    },
    "chat.typing": {
      input: InConversation.extend({ typing: z.boolean().default(true) }),
      output: Empty,
    },
    "chat.addMembers": { input: InConversation.extend({ user_ids: UserIds }), output: Members },
    "chat.removeMember": { input: InConversation.extend({ user_id: Uuid }), output: Members },
    "chat.leave": { input: InConversation, output: Empty },
    "chat.setAlias": {
      input: InConversation.extend({ alias: Alias.nullable() }),
      output: z.strictObject({ conversation: Conversation }),
    },
    "chat.setDisappearing": {
      /** For messages from now on; null for never. */
      input: InConversation.extend({
        seconds: z.int().min(DISAPPEARING_SECONDS_MIN).max(DISAPPEARING_SECONDS_MAX).nullable(),
      }),
      output: ConversationUpdated,
    },
    "chat.report": {
      /** What was said, and the key by which the commitment proves it. */
      input: OfMessage.extend({ body: blob(CONTENT_CHARS_MAX), k_f: bytes(32) }),
      output: z.strictObject({ report_id: Uuid }),
    },
    "chat.block": { input: OfUser, output: Empty },
    "chat.unblock": { input: OfUser, output: Empty },
    "chat.messages": {
      /** The newest first. */
      input: InConversation.extend({
        page_token: PageToken,
        page_size: pageSize(MESSAGES_PER_PAGE),
      }),
      output: z.strictObject({ items: z.array(Message), page_token: z.string().nullable() }),
    },
    "chat.users": {
      input: z.strictObject({ page_token: PageToken, page_size: pageSize(USERS_PER_PAGE) }),
      output: z.strictObject({ items: z.array(PublicUser), page_token: z.string().nullable() }),
    },
    "chat.findPrivate": {
      input: OfUser,
      output: z.strictObject({ conversation_id: Uuid.nullable() }),
    },
    "chat.updateProfile": { input: Profile.partial(), output: Profile },
    "chat.putAttachment": {
      /** The next encrypted chunk of a file; the first one has no `attachment_id` and makes it. */
      input: InConversation.extend({
        attachment_id: Uuid.optional(),
        chunk: Chunk.default(0),
        content: blob(CHUNK_CHARS_MAX),
      }),
      output: z.strictObject({ id: Uuid, chunks: z.int() }),
    },
    "chat.getAttachment": {
      input: z.strictObject({ attachment_id: Uuid, chunk: Chunk.default(0) }),
      output: z.strictObject({
        id: Uuid,
        conversation_id: Uuid,
        chunk: z.int(),
        /** How many the file has. */
        chunks: z.int(),
        content: z.string(),
      }),
    },
    "chat.deleteAttachment": {
      input: z.strictObject({ attachment_id: Uuid }),
      output: Empty,
    },
  },
  subscriptions: {
    "chat.system": {
      input: Empty,
      state: Empty,
      events: {
        "chat.user_registered": z.strictObject({ user: PublicUser.omit({ email: true }) }),
        "chat.user_updated": z.strictObject({ user: PublicUser.omit({ email: true }) }),
      },
    },
    "chat.me": {
      /** Nobody but oneself; absent is oneself too. */
      input: z.strictObject({ user_id: Uuid.optional() }),
      state: z.strictObject({
        user: SignedInUser.extend({ read_markers: z.boolean(), typing: z.boolean() }),
        conversations: z.array(
          z.strictObject({
            ...Standing,
            members: z.array(Uuid),
            /** Whether one has to set a key before the conversation is ready. */
            keys_needed: z.boolean(),
            /** The place of the last message, and how far one has read. */
            last_sequence: Sequence,
            read_sequence: Sequence,
          }),
        ),
        users: z.array(PublicUser),
        blocked: z.array(Uuid),
        account_keys_version: z.int().min(0),
      }),
      events: {
        "chat.conversation_created": z.strictObject({ ...Standing, members: z.array(Uuid) }),
        "chat.conversation_updated": ConversationUpdated,
        "chat.conversation_removed": z.strictObject({ conversation_id: Uuid }),
        /** One has to set a key of this version before messages can be sent. */
        "chat.keys_needed": z.strictObject({ conversation_id: Uuid, key_version: KeyVersion }),
        "chat.account_keys_changed": z.strictObject({ version: KeyVersion }),
        "chat.profile_updated": Profile,
        "chat.blocked": z.strictObject({ user_id: Uuid, blocked: z.boolean() }),
        "chat.session_revoked": z.strictObject({
          /** Null when it was every session. */
          session_id: Uuid.nullable(),
        }),
      },
    },
    "chat.conversation": {
      /** `last_seen` is the greatest `changed` that one has seen. */
      input: InConversation.extend({ last_seen: Sequence.optional() }),
      state: z.strictObject({
        ...Standing,
        members: z.array(Member),
        last_sequence: Sequence,
        /** The number of the last change: what a client that has all of it has seen. */
        last_changed: Sequence,
        /**
         * Messages that are new or changed since `last_seen`, the oldest change first; null when
         * they are more than ${MISSED_MAX}, or nothing was seen before: they are in the pages.
         */
        missed: z.array(Message).max(MISSED_MAX).nullable(),
      }),
      events: {
        "chat.new_message": MessagePush,
        "chat.message_updated": MessagePush,
        "chat.message_deleted": z.strictObject({
          conversation_id: Uuid,
          message_group: Uuid,
          sequence: Sequence,
          changed: Sequence,
        }),
        "chat.read": z.strictObject({
          conversation_id: Uuid,
          user_id: Uuid,
          message_group: Uuid,
          read_sequence: Sequence,
        }),
        "chat.keys_set": z.strictObject({
          conversation_id: Uuid,
          member: Member,
          ready: z.boolean(),
        }),
        "chat.ready": z.strictObject({ conversation_id: Uuid, epoch: Epoch, ready: z.boolean() }),
        "chat.member_added": z.strictObject({
          conversation_id: Uuid,
          epoch: Epoch,
          ready: z.boolean(),
          by: Uuid,
          members: z.array(Member),
        }),
        "chat.member_removed": z.strictObject({
          conversation_id: Uuid,
          epoch: Epoch,
          ready: z.boolean(),
          by: Uuid,
          user_id: Uuid,
        }),
        "chat.conversation_updated": ConversationUpdated,
      },
      signals: {
        "chat.user_typing": z.strictObject({
          conversation_id: Uuid,
          user_id: Uuid,
          typing: z.boolean(),
        }),
      },
    },
  },
} satisfies ModuleWire;
