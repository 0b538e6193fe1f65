import {
  type Bytes,
  concatBytes,
  fromUtf8,
  Reader,
  toUtf8,
  u32,
  u64,
  uuidBytes,
  uuidText,
} from "./bytes.ts";
import { ChatRefusal } from "./refusals.ts";

/** Another message of the conversation, by its group and by the link that commits to its words. */
export interface Relation {
  readonly messageGroup: string;
  readonly link: Bytes;
}

/** A file that the service keeps encrypted, with what opens it. */
export interface AttachmentReference {
  /** UUID of the file at the service. */
  readonly id: string;
  /** 32 bytes that encrypt this file alone. */
  readonly key: Bytes;
  /** Bytes of the file before encryption. */
  readonly size: number;
  /** At most 255 bytes of UTF-8. */
  readonly name: string;
  /** RFC 6838; at most 255 bytes. */
  readonly mediaType: string;
}

/** What somebody says, one of six kinds. */
export type Body =
  | { readonly kind: "text"; readonly text: string }
  /** An emoji about a message; the empty text takes it back. */
  | { readonly kind: "reaction"; readonly text: string; readonly relatesTo: Relation }
  | { readonly kind: "reply"; readonly text: string; readonly relatesTo: Relation }
  /** New words for the message it comes under; `relatesTo` is the message as it was first sent. */
  | { readonly kind: "edit"; readonly text: string; readonly relatesTo: Relation }
  | {
      readonly kind: "attachment";
      readonly text: string;
      readonly attachment: AttachmentReference;
      readonly relatesTo?: Relation;
    }
  /** The sender's word that a message of his is to be forgotten. */
  | { readonly kind: "deletion"; readonly relatesTo: Relation };

/** A body with its place in the sender's chain: what the commitment covers. */
export interface Statement {
  readonly body: Body;
  /** The link of what the sender said before; of an edit, that of the version before it. */
  readonly prevHash: Bytes;
  /** Seconds after which the message disappears; 0 for never. */
  readonly fadesAfterS: number;
}

export const LINK_BYTES = 32;
const KINDS = ["text", "reaction", "reply", "edit", "attachment", "deletion"] as const;
const REACTION_BYTES_MAX = 64;

/**
 * Kind (1) | prev_hash (32) | fades after (4, seconds) | 0, or 1 | group (16) | link (32) |
 * content.
 *
 * @throws ChatRefusal BODY_INVALID, ID_INVALID, NUMBER_INVALID
 */
export function encodeStatement({ body, prevHash, fadesAfterS }: Statement): Bytes {
  const { relatesTo } = body as { readonly relatesTo?: Relation };
  const relation =
    relatesTo === undefined
      ? [Uint8Array.of(0)]
      : [Uint8Array.of(1), uuidBytes(relatesTo.messageGroup), relatesTo.link];
  const bytes = concatBytes(
    Uint8Array.of(KINDS.indexOf(body.kind) + 1),
    prevHash,
    u32(fadesAfterS),
    ...relation,
    encodeContent(body),
  );
  // What could not be read again by its rules is not sent either.
  decodeStatement(bytes);
  return bytes;
}

function encodeContent(body: Body): Bytes {
  if (body.kind === "deletion") return new Uint8Array();
  if (body.kind !== "attachment") return toUtf8(body.text);
  const { id, key, size, name, mediaType } = body.attachment;
  return concatBytes(
    uuidBytes(id),
    key,
    u64(size),
    shortText(name),
    shortText(mediaType),
    toUtf8(body.text),
  );
}

function shortText(text: string): Bytes {
  const bytes = toUtf8(text);
  if (bytes.length > 255) throw new ChatRefusal("BODY_INVALID");
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

/** @throws ChatRefusal BODY_INVALID, NUMBER_INVALID */
export function decodeStatement(bytes: Bytes): Statement {
  const reader = new Reader(bytes);
  const kind = KINDS[reader.takeByte() - 1];
  const prevHash = reader.take(LINK_BYTES);
  const fadesAfterS = reader.takeU32();
  const relations = reader.takeByte();
  if (kind === undefined || relations > 1) throw new ChatRefusal("BODY_INVALID");
  const relatesTo =
    relations === 0
      ? undefined
      : { messageGroup: uuidText(reader.take(16)), link: reader.take(LINK_BYTES) };
  return { body: decodeBody(kind, relatesTo, reader), prevHash, fadesAfterS };
}

function decodeBody(
  kind: (typeof KINDS)[number],
  relatesTo: Relation | undefined,
  reader: Reader,
): Body {
  if (kind === "attachment") {
    const attachment = decodeAttachment(reader);
    const text = fromUtf8(reader.rest());
    return { kind, text, attachment, ...(relatesTo === undefined ? {} : { relatesTo }) };
  }
  const rest = reader.rest();
  if (kind === "text") {
    if (relatesTo !== undefined || rest.length === 0) throw new ChatRefusal("BODY_INVALID");
    return { kind, text: fromUtf8(rest) };
  }
  if (relatesTo === undefined) throw new ChatRefusal("BODY_INVALID");
  if (kind === "deletion") {
    if (rest.length > 0) throw new ChatRefusal("BODY_INVALID");
    return { kind, relatesTo };
  }
  const isLengthRight = kind === "reaction" ? rest.length <= REACTION_BYTES_MAX : rest.length > 0;
  if (!isLengthRight) throw new ChatRefusal("BODY_INVALID");
  return { kind, text: fromUtf8(rest), relatesTo };
}

function decodeAttachment(reader: Reader): AttachmentReference {
  return {
    id: uuidText(reader.take(16)),
    key: reader.take(32),
    size: reader.takeU64(),
    name: fromUtf8(reader.take(reader.takeByte())),
    mediaType: fromUtf8(reader.take(reader.takeByte())),
  };
}
