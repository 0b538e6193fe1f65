/**
 * Frames as a server sends them (RFC 6455 §5.2): final, unmasked, never compressed. They are built
 * here rather than by the WebSocket library so that a push can be encoded once and written to a
 * thousand sockets.
 */

const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const HEADER_BYTES = { short: 2, medium: 4, long: 10 } as const;
const UINT16_MAX = 0xffff;

function headerBytes(payloadBytes: number): number {
  if (payloadBytes < LENGTH_16) return HEADER_BYTES.short;
  return payloadBytes <= UINT16_MAX ? HEADER_BYTES.medium : HEADER_BYTES.long;
}

/** The whole frame, header and payload, in one buffer of its own. */
export function textFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text);
  const frame = framed(FINAL_TEXT, payloadBytes);
  frame.write(text, frame.length - payloadBytes);
  return frame;
}

/** The same for bytes, which come in parts. */
export function binaryFrame(parts: readonly Uint8Array[]): Buffer {
  const payloadBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = framed(FINAL_BINARY, payloadBytes);
  let at = frame.length - payloadBytes;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** A frame with its header, and room for the payload behind it. */
function framed(opcode: number, payloadBytes: number): Buffer {
  const header = headerBytes(payloadBytes);
  const frame = Buffer.allocUnsafe(header + payloadBytes);
  frame[0] = opcode;
  if (header === HEADER_BYTES.short) {
    frame[1] = payloadBytes;
  } else if (header === HEADER_BYTES.medium) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2);
  }
  return frame;
}
