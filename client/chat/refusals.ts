/** Everything that makes the chat's client stop, by code, with a sentence for people. */
export const REFUSALS = {
  // What does not have the form it must have.
  BASE64_INVALID: "This is not base64url without padding.",
  ID_INVALID: "This is not a UUID.",
  NUMBER_INVALID: "This number is negative, broken or too large.",
  KEY_INVALID: "This is not a key of the length or form that belongs here.",
  CONTENT_TOO_LARGE: "The message is larger than a message may be.",
  CONTENT_MALFORMED: "The message is not laid out as an encrypted message is.",
  VERSION_UNKNOWN: "This was encrypted in a newer way. Load the page again to read it.",
  BODY_INVALID: "The message has no valid content.",

  // What does not open, or was not written by whom it is shown as.
  NOT_ADDRESSED: "This copy was made for another key than yours.",
  KEY_VERSION_WRONG: "This copy names another version of your key than the one it was made for.",
  CANNOT_OPEN: "This copy was changed, or belongs to another person, message or conversation.",
  COMMITMENT_WRONG: "The service keeps another record of this message than its sender made.",
  SENDER_FORGED: "This message was not written by the person it is shown as.",
  CONVERSATION_WRONG: "This message belongs to another conversation.",
  EPOCH_WRONG: "This message or member list is from another time of the conversation.",

  // Members and their keys.
  MEMBER_NOT_PINNED: "There is a member here whom you have not accepted.",
  MEMBER_REPEATED: "A member is listed twice.",
  MEMBERS_CHANGED: "The members changed although the conversation says they did not.",
  MEMBERS_TOO_MANY: "The conversation has more members than it may have.",
  NOT_A_MEMBER: "You are not in the list of members.",
  IDENTITY_CHANGED: "A person's safety number has changed. Compare it before you go on.",
  KEYS_MISSING: "A member has no key yet, so nothing can be sent.",
  KEY_UNSIGNED: "A member's key came without its owner's signature.",
  KEY_SIGNATURE_WRONG: "A member's key was not signed by its owner.",
  KEY_VERSION_LOWERED: "An older key of a member was presented as the newest.",
  KEY_VERSION_REPEATED: "Two different keys of a member have the same version.",
  OWN_KEY_REPLACED: "The service lists a key as yours that you do not have.",

  // The course of a conversation.
  COPY_MISSING: "A message before this one is missing, or came out of its order.",
  COPY_REPLAYED: "This message was delivered before.",
  TOLD_DIFFERENTLY: "Members were told different things under the name of one message.",
  EDIT_BY_ANOTHER: "Somebody else tried to change this message.",
  EDIT_OLDER: "An older version of this message was presented as the newest.",
  DELETION_BY_ANOTHER: "Somebody else tried to delete this message.",
  DELETION_UNPROVEN: "The service removed this message without its sender's word.",
  RELATION_UNKNOWN: "The message that this is about has not been read here.",

  // The account's keys.
  PASSPHRASE_TOO_SHORT: "The passphrase is too short.",
  PASSPHRASE_WRONG: "The passphrase is wrong.",
  RECOVERY_KEY_MISTYPED: "The recovery key has a typing mistake.",
  RECOVERY_KEY_WRONG: "This recovery key belongs to another account, or was replaced.",
  DEVICE_CODE_INVALID: "This is not the code of a new device.",
  DEVICE_CODE_EXPIRED: "The code of the new device has expired. Show a new one.",
  WRAP_BROKEN: "A stored key was changed, or belongs to another account or conversation.",

  // Attachments.
  FILE_BROKEN: "The file was changed on its way, or is another file.",
  FILE_TRUNCATED: "The end of the file is missing.",
  FILE_TOO_LARGE: "The file is larger than a file may be.",

  TOO_MANY: "Too many messages wait to be sent.",
  CRYPTO_UNAVAILABLE: "Encryption needs a page that was loaded over https.",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Why the client went no further. Its message and data never contain secrets or what was said. */
export class ChatRefusal<Code extends RefusalCode = RefusalCode> extends Error {
  override readonly name = "ChatRefusal";
  readonly code: Code;
  /** Whom or what it is about: ids, never contents. */
  readonly data: Readonly<Record<string, string | number>>;

  constructor(code: Code, data: Readonly<Record<string, string | number>> = {}) {
    super(REFUSALS[code]);
    this.code = code;
    this.data = data;
  }
}
