import { type Bytes, u64, uuidBytes } from "./bytes.ts";

/**
 * The byte strings that keys are derived from, that are authenticated and that are signed.
 *
 * Each is a label and fields, every one of them behind its length (four bytes, the highest first),
 * so that no two different lists of fields give the same bytes. Ids are the 16 bytes of the UUID,
 * numbers eight bytes, the highest first. `docs/protocol/chat-encryption.md` has the table.
 */
function transcript(label: string, ...fields: readonly Uint8Array[]): Bytes {
  return measured([new TextEncoder().encode(label), ...fields]);
}

function measured(fields: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(fields.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    view.setUint32(at, field.length);
    bytes.set(field, at + 4);
    at += 4 + field.length;
  }
  return bytes;
}

/** A message as the service knows it: which, whose, when. */
export interface MessagePlace {
  readonly conversation: string;
  readonly messageGroup: string;
  readonly sender: string;
  /** The members' epoch in which it was sent. */
  readonly epoch: number;
  /** 0 for the message as it was sent, then 1, 2, … for its edits. */
  readonly edit: number;
}

/** HPKE's `info` of a message's copy. */
export function messageInfo(conversation: string, keyVersion: number): Bytes {
  return transcript("stoa-chat/1", uuidBytes(conversation), u64(keyVersion));
}

/** Whether a copy came with `send_message` or `update_message`. What it says is in its body. */
const COPY_KINDS = { message: 1, edit: 2 } as const;

/** HPKE's `aad` of a message's copy. */
export function messageAad(place: MessagePlace, recipient: string): Bytes {
  const { messageGroup, sender, edit } = place;
  const kind = edit === 0 ? COPY_KINDS.message : COPY_KINDS.edit;
  const ids = [uuidBytes(messageGroup), uuidBytes(sender), uuidBytes(recipient)];
  return measured([...ids, Uint8Array.of(kind), u64(edit)]);
}

/** What the sender's identity key signs. */
export function messageStatement(place: MessagePlace, commitment: Uint8Array): Bytes {
  return transcript(
    "stoa-msg/1",
    uuidBytes(place.conversation),
    uuidBytes(place.messageGroup),
    uuidBytes(place.sender),
    u64(place.epoch),
    u64(place.edit),
    commitment,
  );
}

/** What a message's link in its sender's chain is the SHA-256 of. */
export function linkStatement(place: MessagePlace, commitment: Uint8Array): Bytes {
  return transcript(
    "stoa-link/1",
    uuidBytes(place.conversation),
    uuidBytes(place.messageGroup),
    uuidBytes(place.sender),
    u64(place.edit),
    commitment,
  );
}

/** What an identity key signs about a conversation key. */
export function keyStatement(
  conversation: string,
  user: string,
  version: number,
  publicKey: Uint8Array,
): Bytes {
  return transcript(
    "stoa-key/1",
    uuidBytes(conversation),
    uuidBytes(user),
    u64(version),
    publicKey,
  );
}

/** What a key's id is the first eight bytes of the SHA-256 of. */
export function keyIdStatement(publicKey: Uint8Array): Bytes {
  return transcript("stoa-key-id/1", publicKey);
}

/** What a person's half of a safety number begins with. */
export function safetyStatement(user: string, identity: Uint8Array): Bytes {
  return transcript("stoa-safety/1", uuidBytes(user), identity);
}

/** Associated data of the root key under a passphrase. */
export function passphraseWrapAad(user: string, salt: Uint8Array): Bytes {
  return transcript("stoa-root-passphrase/1", uuidBytes(user), salt);
}

/** Associated data of the root key under a recovery key, and HKDF's `info`. */
export function recoveryWrapAad(user: string): Bytes {
  return transcript("stoa-root-recovery/1", uuidBytes(user));
}

/** HPKE's `info` of the root key for a new device; `secret` was on its screen and nowhere else. */
export function deviceWrapInfo(
  user: string,
  publicKey: Uint8Array,
  secret: Uint8Array,
  expiresAtS: number,
): Bytes {
  return transcript("stoa-root-device/1", uuidBytes(user), publicKey, secret, u64(expiresAtS));
}

/** Associated data of a conversation's private key under the root key. */
export function conversationKeyAad(
  user: string,
  conversation: string,
  version: number,
  publicKey: Uint8Array,
): Bytes {
  return transcript(
    "stoa-conversation-key/1",
    uuidBytes(user),
    uuidBytes(conversation),
    u64(version),
    publicKey,
  );
}

/** Associated data of the identity key under the root key. */
export function identityAad(user: string, identity: Uint8Array): Bytes {
  return transcript("stoa-identity/1", uuidBytes(user), identity);
}

/** Associated data of every chunk of a file. */
export function fileAad(): Bytes {
  return transcript("stoa-file/1");
}
