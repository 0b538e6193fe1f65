import { z } from "zod";
import { Empty, LINE, type ModuleWire, Uuid } from "../../core/schema.ts";
import {
  ACCOUNT_WRAPS_MAX,
  ALIAS_CHARS_MAX,
  CHUNK_CHARS_MAX,
  CHUNKS_MAX,
  CIPHERTEXT_BYTES_MIN,
  CONTENT_CHARS_MAX,
  DISAPPEARING_SECONDS_MAX,
  DISAPPEARING_SECONDS_MIN,
  EDITS_MAX,
  KEY_VERSION_MAX,
  MAGNIFICATION_MAX,
  MAGNIFICATION_MIN,
  MEMBERS_MAX,
  MESSAGES_PER_PAGE,
  MISSED_MAX,
  PAGE_MAX,
  RECENT_CHARS_MAX,
  RECENTS_MAX,
  TOKEN_CHARS_MAX,
  USERS_PER_PAGE,
  WRAP_CHARS_MAX,
} from "./rules/limits.ts";

/** Fields have the names of document 002, in snake_case; times are texts as it writes them. */

/** `2024-01-01T23:38:41.183Z` */
const Time = z.iso.datetime({ precision: 3 });

/** Base64url without padding and in its one spelling: so many bytes. */
function bytes(count: number) {
  const chars = Math.ceil((count * 4) / 3);
  const last = ["", "", "[AQgw]", "[AEIMQUYcgkosw048]"][chars % 4] ?? "";
  const full = chars - (last === "" ? 0 : 1);
  return z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${full}}${last}$`), `expected ${count} bytes in base64url`);
}

/** Base64url without padding; a text that ends in the middle of a byte is none. */
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
const blob = (charsMax: number) =>
  z.string().min(1).max(charsMax).regex(BASE64URL, "expected base64url without padding");

/** X25519 for conversations, Ed25519 for identities: 32 bytes each. */
const PublicKey = bytes(32);
const Signature = bytes(64);
/** HMAC-SHA256(k_f, body): the same in every copy of a message. */
const Commitment = bytes(32);
const KeyVersion = z.int().min(1).max(KEY_VERSION_MAX);
const Epoch = z.int().min(1).max(KEY_VERSION_MAX);

/**
 * What a member's own key opens: 0x01, the 8 bytes of that key's id (by which an old one is
 * noticed, see `rules/key-id.ts`), 32 bytes of the encapsulated key, and the ciphertext with its
 * tag.
 */
const Content = z
  .string()
  .min(Math.ceil((CIPHERTEXT_BYTES_MIN * 4) / 3))
  .max(CONTENT_CHARS_MAX)
  .regex(/^A[Q-Za-f]/, "expected a ciphertext of version 1 in base64url")
  .regex(BASE64URL, "expected base64url without padding");

const Alias = z
  .string()
  .trim()
  .min(1)
  .max(ALIAS_CHARS_MAX)
  .regex(LINE, "expected one line of text");

/** The place of a message in its conversation, or of a change among all changes. */
const Sequence = z.int().min(0);

const PublicUser = z.strictObject({
  id: Uuid,
  /** Empty for those with whom one shares no conversation. */
  email: z.string(),
  display_name: z.string(),
});
export type PublicUser = z.infer<typeof PublicUser>;

const DocumentProfile = {
  /** Shown to nobody as being here. */
  hidden: z.boolean(),
  theme: z.enum(["day", "night"]),
  magnification: z.number().min(MAGNIFICATION_MIN).max(MAGNIFICATION_MAX),
  /** Pages seen lately. */
  recents: z
    .array(z.string().max(RECENT_CHARS_MAX).regex(LINE, "expected one line of text"))
    .max(RECENTS_MAX),
};

/** What `PATCH /api/profile` answers, and what a sign-in's `user` has besides its names. */
export const RestProfile = z.strictObject(DocumentProfile);
export type RestProfile = z.infer<typeof RestProfile>;

export const Profile = RestProfile.extend({
  /** Whether the others of a conversation are told how far one has read. */
  read_markers: z.boolean(),
  /** Whether they are told that one is typing. */
  typing: z.boolean(),
});
export type Profile = z.infer<typeof Profile>;

/** The `user` of a sign-in's answer. */
export const SignedInUser = PublicUser.extend(DocumentProfile);

export const Conversation = z.strictObject({
  id: Uuid,
  private: z.boolean(),
  alias: z.string().nullable(),
  inserted_at: Time,
  updated_at: Time,
});
export type Conversation = z.infer<typeof Conversation>;

/** What a sign-in answers beside its tokens. */
export const Overview = z.strictObject({
  user: SignedInUser,
  conversations: z.array(Conversation),
  /** Everybody in these conversations. */
  users: z.array(PublicUser),
});
export type Overview = z.infer<typeof Overview>;

/** A member with the key that messages to him are sealed with; null as long as he has none. */
export const Member = z.strictObject({
  user_id: Uuid,
  /** Whether he may remove others: who made the conversation, or who was there longest after. */
  owner: z.boolean(),
  joined_epoch: Epoch,
  identity_public_key: z.string().nullable(),
  public_key: z.string().nullable(),
  key_version: KeyVersion.nullable(),
  signature: z.string().nullable(),
  /** How far he has read; 0 too where he does not tell. */
  read_sequence: Sequence,
});
export type Member = z.infer<typeof Member>;

/** How a conversation stands: `ready` once each member has a key. */
const Standing = {
  conversation: Conversation,
  epoch: Epoch,
  ready: z.boolean(),
  disappearing_seconds: z.int().nullable(),
};

/** A message as one recipient has it: the item of `GET /api/messages`. */
export const Message = z.strictObject({
  id: Uuid,
  sender: Uuid,
  /** One's own ciphertext; empty once the message was deleted. */
  content: z.string(),
  inserted_at: Time,
  updated_at: Time,
  message_group: Uuid,
  conversation: Uuid,
  epoch: Epoch,
  commitment: z.string(),
  /** Of one's own key that opens it. */
  key_version: KeyVersion,
  /** How often it was edited. */
  edit: z.int().min(0),
  /** Its place in the conversation; the same for everybody. */
  sequence: Sequence,
  /** The number of its last change: the greatest one seen is `last_seen`. */
  changed: Sequence,
  deleted: z.boolean(),
  /** When it disappears by itself. */
  expires_at: Time.nullable(),
});
export type Message = z.infer<typeof Message>;

/** The same as a push: what only the recipient has is enclosed, and absent once it is gone. */
const MessagePush = Message.partial({ id: true, content: true, key_version: true });

const Sent = z.strictObject({
  conversation_id: Uuid,
  message_group: Uuid,
  epoch: Epoch,
  edit: z.int().min(0),
  sequence: Sequence,
  inserted_at: Time,
});
export type Sent = z.infer<typeof Sent>;

const Copies = z
  .array(z.strictObject({ recipient: Uuid, content: Content }))
  .min(1)
  .max(MEMBERS_MAX)
  .refine(
    (copies) => new Set(copies.map(({ recipient }) => recipient)).size === copies.length,
    "expected one ciphertext a recipient",
  );

const UserIds = z
  .array(Uuid)
  .min(1)
  .max(MEMBERS_MAX)
  .refine((ids) => new Set(ids).size === ids.length, "expected different people");

const AccountKeys = {
  /** Ed25519; signs every conversation key. */
  identity_public_key: PublicKey,
  /** The root key, wrapped in several ways by the client, and what it wraps itself. */
  wraps: z
    .array(
      z.strictObject({
        kind: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "expected a word"),
        blob: blob(WRAP_CHARS_MAX),
      }),
    )
    .min(1)
    .max(ACCOUNT_WRAPS_MAX),
  /** One more with each change: the first is 1. */
  version: KeyVersion,
};

const OwnKeys = z.strictObject({
  key_version: KeyVersion,
  public_key: z.string(),
  /** As the client wrapped it. */
  private_key: z.string(),
  signature: z.string(),
  inserted_at: Time,
});
export type OwnKeys = z.infer<typeof OwnKeys>;

const PageToken = z
  .string()
  .max(TOKEN_CHARS_MAX)
  .regex(/^[A-Za-z0-9_-]+$/, "expected the page_token of the page before")
  .optional();
const pageSize = (size: number) => z.int().min(1).max(PAGE_MAX).default(size);
const Chunk = z
  .int()
  .min(0)
  .max(CHUNKS_MAX - 1);
const InConversation = z.strictObject({ conversation_id: Uuid });
const OfMessage = InConversation.extend({ message_group: Uuid });
const OfUser = z.strictObject({ user_id: Uuid });
const Members = z.strictObject({ epoch: Epoch, ready: z.boolean(), members: z.array(Member) });

const ConversationUpdated = z.strictObject({
  conversation: Conversation,
  disappearing_seconds: z.int().nullable(),
});

/** The wire contract of the module. */
export const chatWire = {
  methods: {
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
      output: z.strictObject({ keys: z.array(OwnKeys), members: z.array(Member) }),
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
      /** The next encrypted chunk of a file; the first one has no `id` and makes it. */
      input: InConversation.extend({
        id: Uuid.optional(),
        chunk: Chunk.default(0),
        content: blob(CHUNK_CHARS_MAX),
      }),
      output: z.strictObject({ id: Uuid, chunks: z.int() }),
    },
    "chat.getAttachment": {
      input: z.strictObject({ id: Uuid, chunk: Chunk.default(0) }),
      output: z.strictObject({
        id: Uuid,
        conversation_id: Uuid,
        chunk: z.int(),
        /** How many the file has. */
        chunks: z.int(),
        content: z.string(),
      }),
    },
    "chat.deleteAttachment": { input: z.strictObject({ id: Uuid }), output: Empty },
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
        "chat.keys_set": z.strictObject({ conversation_id: Uuid, member: Member }),
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
