/**
 * Text frames as a server sends them (RFC 6455 §5.2): final, unmasked, never compressed. They are
 * built here rather than by the WebSocket library so that a push can be encoded once and written to
 * a thousand sockets.
 */

const FINAL_TEXT = 0x81;
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
  const header = headerBytes(payloadBytes);
  const frame = Buffer.allocUnsafe(header + payloadBytes);
  frame[0] = FINAL_TEXT;
  if (header === HEADER_BYTES.short) {
    frame[1] = payloadBytes;
  } else if (header === HEADER_BYTES.medium) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2);
  }
  frame.write(text, header);
  return frame;
}
