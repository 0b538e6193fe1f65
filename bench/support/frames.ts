/** Frames of RFC 6455 §5.2, for a client that costs as little as one can. */

export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const NO_MASK = Buffer.alloc(4);

/** A short frame as clients send it: with a mask, of zeros, which changes nothing. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new Error("A client of these measurements sends short frames.");
  const header =
    length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff]);
  return Buffer.concat([header, NO_MASK, payload]);
}

/** Payloads may come in pieces; all of a payload is there only if it came in one. */
export type OnFrame = (opcode: number, payloadBytes: number, piece: Buffer) => void;

/** Finds the frames that a server sends; tells of each when its last byte has come. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The beginning of a header whose rest is to come. */
  #header = Buffer.alloc(0);
  #opcode = 0;
  #payloadBytes = 0;
  /** Of the payload under way. */
  #missing = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  take(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#header.length > 0) {
      bytes = Buffer.concat([this.#header, chunk]);
      this.#header = Buffer.alloc(0);
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#missing === 0) {
        const headerBytes = this.#readHeader(bytes, at);
        if (headerBytes === undefined) {
          this.#header = Buffer.from(bytes.subarray(at));
          return;
        }
        at += headerBytes;
      }
      const end = Math.min(bytes.length, at + this.#missing);
      this.#missing -= end - at;
      if (this.#missing === 0) {
        this.#onFrame(this.#opcode, this.#payloadBytes, bytes.subarray(at, end));
      }
      at = end;
    }
  }

  #readHeader(bytes: Buffer, at: number): number | undefined {
    const left = bytes.length - at;
    if (left < 2) return undefined;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (left < headerBytes) return undefined;
    this.#opcode = (bytes[at] ?? 0) & 0x0f;
    this.#payloadBytes =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    this.#missing = this.#payloadBytes;
    if (this.#missing === 0) this.#onFrame(this.#opcode, 0, NOTHING);
    return headerBytes;
  }
}

const NOTHING = Buffer.alloc(0);
