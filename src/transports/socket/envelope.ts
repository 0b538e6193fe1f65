import { errorBody, malformed, StoaError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { Opened } from "../../core/streams.ts";
import { textFrame } from "../websocket/frame.ts";
import { EID_CHARS_MAX, TYPE_CHARS_MAX } from "./limits.ts";

/** What an answer repeats of its request; null where the request has none or it is unreadable. */
export interface Envelope {
  readonly type: string | null;
  readonly eid: string | null;
  /** Echoed and never judged. */
  readonly ts: number | null;
}

export interface SocketRequest extends Envelope {
  readonly type: string;
  readonly data: unknown;
  /** The frame's payload. */
  readonly bytes: number;
}

export type Reading =
  | { readonly request: SocketRequest }
  | { readonly envelope: Envelope; readonly error: StoaError };

/** Reads a text frame. Unknown fields beside `type`, `data`, `eid` and `ts` are ignored. */
export function readRequest(payload: Buffer): Reading {
  const text = payload.toString();
  try {
    const value = parseJson(text);
    if (!isObject(value)) throw malformed({ reason: "A frame is a JSON object." });
    const { type, data } = value;
    const { eid = null, ts = null } = value;
    if (typeof type !== "string" || type === "" || type.length > TYPE_CHARS_MAX) {
      throw malformed({ reason: "`type` names the operation, as namespace.method." });
    }
    if (eid !== null && !isEid(eid)) {
      throw malformed({ reason: `\`eid\` is a string of at most ${EID_CHARS_MAX} characters.` });
    }
    if (ts !== null && typeof ts !== "number") {
      throw malformed({ reason: "`ts` is a number." });
    }
    return { request: { type, data, eid, ts, bytes: payload.length } };
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    return { envelope: readEnvelope(text), error };
  }
}

/** As much of the envelope as a bad frame shows. */
function readEnvelope(text: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NO_ENVELOPE;
  }
  if (!isObject(value)) return NO_ENVELOPE;
  const { type, eid, ts } = value;
  return {
    type: typeof type === "string" && type.length <= TYPE_CHARS_MAX ? type : null,
    eid: isEid(eid) ? eid : null,
    ts: typeof ts === "number" ? ts : null,
  };
}

export const NO_ENVELOPE: Envelope = { type: null, eid: null, ts: null };

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEid(value: unknown): value is string {
  return typeof value === "string" && value.length <= EID_CHARS_MAX;
}

export function answerFrame({ type, eid, ts }: Envelope, data: unknown): Buffer {
  return textFrame(JSON.stringify({ type, data, eid, ts }));
}

export function errorFrame(
  { type, eid, ts }: Envelope,
  cause: StoaError,
  requestId: string,
): Buffer {
  const { code: error, message, data: details, retryAfterMs } = errorBody(cause);
  const data = { message, ...details, retryAfterMs, requestId };
  return textFrame(JSON.stringify({ type, data, eid, ts, error }));
}

/** The answer to a subscribe request. */
export function openedData({ position, ...opened }: Opened): object {
  if (!opened.recovered) return { ...position, recovered: false, state: opened.state };
  const missed = opened.missed.map(({ type, offset, data }) => ({
    type,
    data: { offset, ...data },
  }));
  return { ...position, recovered: true, missed };
}
