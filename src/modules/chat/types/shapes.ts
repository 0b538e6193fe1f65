import { z } from "zod";
import { LINE, Uuid } from "../../../core/schema.ts";
import {
  ACCOUNT_WRAPS_MAX,
  ALIAS_CHARS_MAX,
  CHUNKS_MAX,
  CONTENT_CHARS_MAX,
  EPOCH_MAX,
  KEY_VERSION_MAX,
  MAGNIFICATION_MAX,
  MAGNIFICATION_MIN,
  MEMBERS_MAX,
  PAGE_MAX,
  RECENT_CHARS_MAX,
  RECENTS_MAX,
  TOKEN_CHARS_MAX,
  WRAP_CHARS_MAX,
} from "./limits.ts";

/** Fields have the names of document 002, in snake_case; times are texts as it writes them. */

/** `2024-01-01T23:38:41.183Z` */
const Time = z.iso.datetime({ precision: 3 });

/** Base64url without padding and in its one spelling: so many bytes. */
export function bytes(count: number) {
  const chars = Math.ceil((count * 4) / 3);
  const last = ["", "", "[AQgw]", "[AEIMQUYcgkosw048]"][chars % 4] ?? "";
  const full = chars - (last === "" ? 0 : 1);
  return z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${full}}${last}$`), `expected ${count} bytes in base64url`);
}

/** Base64url without padding; a text that ends in the middle of a byte is none. */
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
export const blob = (charsMax: number) =>
  z.string().min(1).max(charsMax).regex(BASE64URL, "expected base64url without padding");

/** X25519 for conversations, Ed25519 for identities: 32 bytes each. */
export const PublicKey = bytes(32);
export const Signature = bytes(64);
/** HMAC-SHA256(k_f, body): the same in every copy of a message. */
export const Commitment = bytes(32);
export const KeyVersion = z.int().min(1).max(KEY_VERSION_MAX);
export const Epoch = z.int().min(1).max(EPOCH_MAX);

/**
 * What a member's own key opens: 0x01, the 8 bytes of that key's id (by which an old one is
 * noticed, see `keys/key-prefix.ts`), 32 bytes of the encapsulated key, and the ciphertext with its
 * tag.
 */
const Content = z
  .string()
  .max(CONTENT_CHARS_MAX)
  .regex(
    /^A[Q-Za-f](?:[A-Za-z0-9_-]{4}){19,2047}[A-Za-z0-9_-]{0,2}$/,
    "expected a ciphertext of version 1 in base64url without padding",
  );

export const Alias = z
  .string()
  .trim()
  .min(1)
  .max(ALIAS_CHARS_MAX)
  .regex(LINE, "expected one line of text");

/** The place of a message in its conversation, or of a change among all changes. */
export const Sequence = z.int().min(0);

export const PublicUser = z.strictObject({
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
export const Standing = {
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
export const MessagePush = Message.partial({ id: true, content: true, key_version: true });

export const Sent = z.strictObject({
  conversation_id: Uuid,
  message_group: Uuid,
  epoch: Epoch,
  edit: z.int().min(0),
  sequence: Sequence,
  inserted_at: Time,
});
export type Sent = z.infer<typeof Sent>;

export const Copies = z
  .array(z.strictObject({ recipient: Uuid, content: Content }))
  .min(1)
  .max(MEMBERS_MAX)
  .refine(
    (copies) => new Set(copies.map(({ recipient }) => recipient)).size === copies.length,
    "expected one ciphertext a recipient",
  );

export const UserIds = z
  .array(Uuid)
  .min(1)
  .max(MEMBERS_MAX)
  .refine((ids) => new Set(ids).size === ids.length, "expected different people");

export const AccountKeys = {
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

export const OwnKeys = z.strictObject({
  key_version: KeyVersion,
  public_key: z.string(),
  /** As the client wrapped it. */
  private_key: z.string(),
  signature: z.string(),
  inserted_at: Time,
});

export const PageToken = z
  .string()
  .max(TOKEN_CHARS_MAX)
  .regex(/^[A-Za-z0-9_-]+$/, "expected the page_token of the page before")
  .optional();
export const pageSize = (size: number) => z.int().min(1).max(PAGE_MAX).default(size);
export const Chunk = z
  .int()
  .min(0)
  .max(CHUNKS_MAX - 1);
export const InConversation = z.strictObject({ conversation_id: Uuid });
export const OfMessage = InConversation.extend({ message_group: Uuid });
export const OfUser = z.strictObject({ user_id: Uuid });
export const Members = z.strictObject({
  epoch: Epoch,
  ready: z.boolean(),
  members: z.array(Member),
});

export const ConversationUpdated = z.strictObject({
  conversation: Conversation,
  disappearing_seconds: z.int().nullable(),
});
