import { decodeStatement, encodeStatement, type Statement } from "./body.ts";
import {
  type Bytes,
  concatBytes,
  fromBase64Url,
  Reader,
  randomBytes,
  sameBytes,
  toBase64Url,
  u32,
} from "./bytes.ts";
import { ENC_BYTES, hpkeOpen, hpkeSeal, TAG_BYTES } from "./hpke.ts";
import type { Identity } from "./identity.ts";
import { KEY_ID_BYTES, type KeyRing } from "./key-ring.ts";
import { PADDING_BUCKETS_BYTES, pad, unpad } from "./padding.ts";
import { hashSha256, hmacSha256, type Verifier, type WebKey } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import {
  linkStatement,
  type MessagePlace,
  messageAad,
  messageInfo,
  messageStatement,
} from "./transcripts.ts";

/** Characters of a copy's `content`. */
export const CONTENT_CHARS_MAX = 8_192;
const VERSION = 1;
const HEADER_BYTES = 1 + KEY_ID_BYTES + ENC_BYTES;
const FRANKING_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const PLAIN_HEADER_BYTES = FRANKING_KEY_BYTES + SIGNATURE_BYTES + 4;

/** A member whom copies are made for, with his key taken in by WebCrypto. */
export interface Recipient {
  readonly userId: string;
  readonly keyVersion: number;
  readonly keyId: Bytes;
  readonly publicKey: WebKey;
}

/** A message as its sender has it: the copies for the service, and what he knows of it himself. */
export interface SealedMessage {
  /** Texts are base64url. */
  readonly copies: {
    readonly commitment: string;
    readonly messages: ReadonlyArray<{ readonly recipient: string; readonly content: string }>;
  };
  readonly opened: OpenedCopy;
}

/** A copy as its reader got it. */
export interface ReceivedCopy extends MessagePlace {
  readonly recipient: string;
  readonly keyVersion: number;
  /** Base64url, 32 bytes. */
  readonly commitment: string;
  readonly content: string;
}

/** What a copy says, and what proves it. */
export interface OpenedCopy {
  readonly statement: Statement;
  /** The message's link in its sender's chain. */
  readonly link: Bytes;
  /** What a report reveals: the bytes that the commitment covers, and its key. */
  readonly bodyBytes: Bytes;
  readonly frankingKey: Bytes;
}

/**
 * Encrypts a message for each of its recipients: HPKE's single-shot sealing (RFC 9180 §6.1), each
 * copy bound to its message and reader, all of them to one commitment that the sender signs.
 *
 * @throws ChatRefusal CONTENT_TOO_LARGE, BODY_INVALID, ID_INVALID, NUMBER_INVALID, KEY_INVALID
 */
export async function sealMessage(
  place: MessagePlace,
  statement: Statement,
  identity: Identity,
  recipients: readonly Recipient[],
): Promise<SealedMessage> {
  const body = encodeStatement(statement);
  const frankingKey = randomBytes(FRANKING_KEY_BYTES);
  const commitment = hmacSha256(frankingKey, body);
  const signature = identity.sign(messageStatement(place, commitment));
  const plain = pad(concatBytes(frankingKey, signature, u32(body.length), body));
  const messages = await Promise.all(
    recipients.map(async (recipient) => ({
      recipient: recipient.userId,
      content: await sealCopy(place, recipient, plain),
    })),
  );
  const link = linkOf(place, commitment);
  return {
    copies: { commitment: toBase64Url(commitment), messages },
    opened: { statement, link, bodyBytes: body, frankingKey },
  };
}

async function sealCopy(place: MessagePlace, to: Recipient, plain: Bytes): Promise<string> {
  const info = messageInfo(place.conversation, to.keyVersion);
  const aad = messageAad(place, to.userId);
  const { enc, ciphertext } = await hpkeSeal(to.publicKey, info, plain, aad);
  return toBase64Url(concatBytes(Uint8Array.of(VERSION), to.keyId, enc, ciphertext));
}

/**
 * Decrypts a copy and holds it against the commitment and the sender's signature.
 *
 * @param keys the reader's keys of the conversation
 * @param verify holds signatures against the sender's pinned identity
 * @throws ChatRefusal CONTENT_TOO_LARGE, BASE64_INVALID, VERSION_UNKNOWN, CONTENT_MALFORMED,
 *   NOT_ADDRESSED, KEY_VERSION_WRONG, CANNOT_OPEN, COMMITMENT_WRONG, SENDER_FORGED, BODY_INVALID
 */
export async function openCopy(
  copy: ReceivedCopy,
  keys: KeyRing,
  verify: Verifier,
): Promise<OpenedCopy> {
  const { keyId, enc, ciphertext } = readContent(copy.content);
  const key = keys.find(keyId);
  if (key === undefined) throw new ChatRefusal("NOT_ADDRESSED");
  if (key.version !== copy.keyVersion) throw new ChatRefusal("KEY_VERSION_WRONG");
  const info = messageInfo(copy.conversation, key.version);
  const aad = messageAad(copy, copy.recipient);
  const padded = await hpkeOpen(key.opening, info, { enc, ciphertext }, aad);

  const { frankingKey, signature, body } = readPlain(padded);
  const commitment = hmacSha256(frankingKey, body);
  if (!sameBytes(commitment, fromBase64Url(copy.commitment))) {
    throw new ChatRefusal("COMMITMENT_WRONG");
  }
  if (!(await verify(signature, messageStatement(copy, commitment)))) {
    throw new ChatRefusal("SENDER_FORGED");
  }
  const statement = decodeStatement(body);
  return { statement, link: linkOf(copy, commitment), bodyBytes: body, frankingKey };
}

/** The link of a message: what the sender's next one names as its `prevHash`. */
function linkOf(place: MessagePlace, commitment: Bytes): Bytes {
  return hashSha256(linkStatement(place, commitment));
}

function readContent(content: string) {
  if (content.length > CONTENT_CHARS_MAX) throw new ChatRefusal("CONTENT_TOO_LARGE");
  const bytes = fromBase64Url(content);
  if (bytes.length > 0 && bytes[0] !== VERSION) throw new ChatRefusal("VERSION_UNKNOWN");
  const paddedLength = bytes.length - HEADER_BYTES - TAG_BYTES;
  if (!PADDING_BUCKETS_BYTES.some((length) => length === paddedLength)) {
    throw new ChatRefusal("CONTENT_MALFORMED");
  }
  return {
    keyId: bytes.slice(1, 1 + KEY_ID_BYTES),
    enc: bytes.slice(1 + KEY_ID_BYTES, HEADER_BYTES),
    ciphertext: bytes.slice(HEADER_BYTES),
  };
}

function readPlain(padded: Bytes) {
  const bodyLength = new DataView(padded.buffer).getUint32(PLAIN_HEADER_BYTES - 4);
  const reader = new Reader(unpad(padded, PLAIN_HEADER_BYTES + bodyLength));
  const frankingKey = reader.take(FRANKING_KEY_BYTES);
  const signature = reader.take(SIGNATURE_BYTES);
  reader.take(4);
  return { frankingKey, signature, body: reader.rest() };
}
