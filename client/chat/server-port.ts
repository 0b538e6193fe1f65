/**
 * What the chat's client needs of the service, in the service's own names. All texts that are keys,
 * signatures, commitments or contents are base64url without padding.
 */
export interface ChatServer {
  listMembers(conversation: string): Promise<MemberList>;
  /** The own keys of every version, wrapped by this account's client. */
  getKeys(conversation: string): Promise<readonly WrappedKeys[]>;
  setKeys(conversation: string, keys: WrappedKeys): Promise<void>;
  sendMessage(conversation: string, message: OutgoingMessage): Promise<void>;
  updateMessage(conversation: string, message: OutgoingMessage): Promise<void>;
}

export interface MemberList {
  readonly epoch: number;
  readonly members: readonly Member[];
}

/** A member as the service lists him; what he has not given yet is `null`. */
export interface Member {
  readonly user_id: string;
  /** The epoch that he came in with: messages of earlier ones are none of his. */
  readonly joined_epoch: number;
  /** Ed25519, 32 bytes. */
  readonly identity_public_key: string | null;
  /** X25519, 32 bytes. */
  readonly public_key: string | null;
  readonly key_version: number | null;
  /** Ed25519 over the conversation, the member, the version and the key; 64 bytes. */
  readonly signature: string | null;
}

/** One's own pair of a conversation. */
export interface WrappedKeys {
  readonly public_key: string;
  /** Wrapped under the account's root key. */
  readonly private_key: string;
  readonly key_version: number;
  readonly signature: string;
}

/** What `send_message` and `update_message` take: one copy for each member of the epoch. */
export interface OutgoingMessage {
  readonly message_group: string;
  /** The conversation's, or of an edit that of its message. */
  readonly epoch: number;
  /** 0 for a message, then 1, 2, … for its edits. */
  readonly edit: number;
  readonly commitment: string;
  readonly messages: ReadonlyArray<{ readonly recipient: string; readonly content: string }>;
}

/** An item of `GET /api/messages` and of the push `new_message`, as far as it matters here. */
export interface IncomingMessage {
  readonly conversation: string;
  readonly message_group: string;
  readonly sender: string;
  readonly epoch: number;
  readonly edit: number;
  readonly commitment: string;
  readonly key_version: number;
  readonly content: string;
}

/** What a member reveals of a message to those who look after the service. */
export interface Report {
  readonly message_group: string;
  /** The bytes that the commitment covers, with what was said in them. */
  readonly body: string;
  /** The commitment's key. */
  readonly k_f: string;
}
