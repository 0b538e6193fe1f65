export {
  decryptFile,
  encryptedSize,
  encryptFile,
  FILE_BYTES_MAX,
  newFileKey,
} from "./attachments.ts";
export type { AttachmentReference, Body, Relation, Statement } from "./body.ts";
export { type Bytes, fromBase64Url, toBase64Url } from "./bytes.ts";
export type { Standing } from "./chain.ts";
export {
  ConversationSession,
  type Draft,
  type Reading,
  type ReadMessage,
  type SessionMemory,
  type SessionParts,
} from "./conversation-session.ts";
export { Identity } from "./identity.ts";
export { CONTENT_CHARS_MAX } from "./message-codec.ts";
export {
  type DeviceInvitation,
  inviteByDevice,
  unwrapForDevice,
  wrapForDevice,
} from "./new-device.ts";
export {
  changePassphrase,
  type OnProgress,
  PASSPHRASE_CHARS_MIN,
  unwrapByPassphrase,
  wrapByPassphrase,
} from "./passphrase.ts";
export { PinBook, type PinnedIdentities } from "./pins.ts";
export { newRecoveryKey, unwrapByRecoveryKey, wrapByRecoveryKey } from "./recovery-key.ts";
export { ChatRefusal, REFUSALS, type RefusalCode } from "./refusals.ts";
export { verifyReport } from "./report.ts";
export { RootKey } from "./root-key.ts";
export { MEMBERS_MAX } from "./roster.ts";
export { type KeyUse, type RotationReason, rotationReason } from "./rotation.ts";
export { type SafetyParty, safetyNumber } from "./safety-number.ts";
export type {
  ChatServer,
  IncomingMessage,
  Member,
  MemberList,
  OutgoingMessage,
  Report,
  WrappedKeys,
} from "./server-port.ts";
