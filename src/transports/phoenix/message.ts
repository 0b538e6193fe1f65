import { malformed, StoaError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { Version } from "./handshake.ts";
import { NAME_BYTES_MAX } from "./limits.ts";

/** How a client names a request or a join of its own; numbers are echoed as they came. */
export type Ref = string | number | null;

/** What a frame from a client says about itself. */
export interface Address {
  /** The `ref` of the join of its channel, where the client tells it. */
  readonly joinRef: Ref;
  /** The client's name for this request; null asks for no reply. */
  readonly ref: Ref;
  readonly topic: string;
}

export interface Message extends Address {
  readonly event: string;
  /** A JSON object, or bytes. */
  readonly payload: Readonly<Record<string, unknown>> | Buffer;
  /** How large the frame was. */
  readonly bytes: number;
}

export type Reading =
  | { readonly message: Message }
  | { readonly address: Address; readonly error: StoaError };

/** What could not be read belongs to no channel. */
const NOWHERE: Address = { joinRef: null, ref: null, topic: "phoenix" };
const PUSH = 0;
/** The kind and four lengths. */
const PUSH_HEADER_BYTES = 5;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a frame of a client. */
export function readMessage(payload: Buffer, isBinary: boolean, version: Version): Reading {
  try {
    const parts = isBinary ? readBytes(payload, version) : readText(payload.toString(), version);
    return readParts(parts, payload.length);
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    return { address: NOWHERE, error };
  }
}

/** A frame's five parts, still to be checked. */
interface Parts {
  readonly joinRef: unknown;
  readonly ref: unknown;
  readonly topic: unknown;
  readonly event: unknown;
  readonly payload: unknown;
}

function readText(text: string, version: Version): Parts {
  const value = parseJson(text);
  if (version === 2) {
    if (!Array.isArray(value) || value.length !== 5) {
      throw malformed({ reason: "A frame is [join_ref, ref, topic, event, payload]." });
    }
    const [joinRef, ref, topic, event, payload]: unknown[] = value;
    return { joinRef, ref, topic, event, payload };
  }
  if (!isObject(value)) {
    throw malformed({ reason: "A frame is {topic, event, payload, ref}." });
  }
  const { join_ref: joinRef = null, ref = null, topic, event, payload } = value;
  return { joinRef, ref, topic, event, payload };
}

/** A push in bytes: its kind, four lengths of one byte each, what they are of, and the payload. */
function readBytes(frame: Buffer, version: Version): Parts {
  if (version === 1) throw malformed({ reason: "Version 1 of the protocol has no binary frames." });
  if (frame[0] !== PUSH || frame.length < PUSH_HEADER_BYTES) {
    throw malformed({ reason: "A binary frame from a client is a push." });
  }
  let at = PUSH_HEADER_BYTES;
  const [joinRef = "", ref = "", topic, event] = [1, 2, 3, 4].map((position) => {
    const start = at;
    at += frame[position] ?? 0;
    if (at > frame.length) throw malformed({ reason: "A binary frame ends within its header." });
    return decoded(frame.subarray(start, at));
  });
  const payload = frame.subarray(at);
  return { joinRef: joinRef || null, ref: ref || null, topic, event, payload };
}

function decoded(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw malformed({ reason: "A name in a binary frame is not UTF-8." }, { cause });
  }
}

function readParts({ joinRef, ref, topic, event, payload }: Parts, bytes: number): Reading {
  const address = {
    joinRef: isRef(joinRef) ? joinRef : null,
    ref: isRef(ref) ? ref : null,
    topic: isName(topic) ? topic : NOWHERE.topic,
  };
  const refused = (reason: string) => ({ address, error: malformed({ reason }) });
  if (!isName(topic)) return refused(`The topic is a text of 1 to ${NAME_BYTES_MAX} bytes.`);
  if (!isName(event)) return refused(`The event is a text of 1 to ${NAME_BYTES_MAX} bytes.`);
  if (!isRef(joinRef) || !isRef(ref)) {
    return refused(`A reference is null or a text of at most ${NAME_BYTES_MAX} bytes.`);
  }
  if (!isObject(payload)) return refused("The payload is a JSON object, or bytes.");
  return { message: { ...address, event, payload, bytes } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && Buffer.byteLength(value) <= NAME_BYTES_MAX;
}

function isRef(value: unknown): value is Ref {
  if (value === null || Number.isSafeInteger(value)) return true;
  return typeof value === "string" && Buffer.byteLength(value) <= NAME_BYTES_MAX;
}
