import { binaryFrame, textFrame } from "../websocket/frame.ts";
import type { Version } from "./handshake.ts";
import type { Address, Ref } from "./message.ts";

const REPLY = 1;
const BROADCAST = 2;

export type Status = "ok" | "error";

/** The answer to a request. Bytes are for version 2, where requests come as bytes too. */
export function replyFrame(
  version: Version,
  { joinRef, ref, topic }: Address,
  status: Status,
  response: unknown,
): Buffer {
  if (response instanceof Uint8Array) {
    return binaryFrame([...header(REPLY, [joinRef, ref, topic, status]), response]);
  }
  return frame(version, { joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
}

/** What is told to one member of a channel. Only the end of a channel has a `ref`: its join's. */
export function pushFrame(
  version: Version,
  { joinRef, ref, topic }: Address,
  event: string,
  payload: object,
): Buffer {
  return frame(version, { joinRef, ref, topic, event, payload });
}

/** What is told to all members of a topic alike. */
export function broadcastFrame(
  version: Version,
  topic: string,
  event: string,
  payload: object,
): Buffer {
  return frame(version, { joinRef: null, ref: null, topic, event, payload });
}

export function binaryBroadcastFrame(topic: string, event: string, bytes: Uint8Array): Buffer {
  return binaryFrame([...header(BROADCAST, [topic, event]), bytes]);
}

interface Parts extends Address {
  readonly event: string;
  readonly payload: object;
}

function frame(version: Version, { joinRef, ref, topic, event, payload }: Parts): Buffer {
  const parts =
    version === 2 ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref };
  return textFrame(JSON.stringify(parts));
}

/** The kind, the lengths in bytes, and what they are of: at most 255 bytes each, as they came. */
function header(kind: number, names: readonly Ref[]): Buffer[] {
  const texts = names.map((name) => Buffer.from(String(name ?? "")));
  return [Buffer.from([kind, ...texts.map(({ length }) => length)]), ...texts];
}
