import { type Bytes, concatBytes, randomBytes, u32 } from "./bytes.ts";
import { subtle, type WebKey } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { fileAad } from "./transcripts.ts";

/** Bytes of a file that are encrypted together; the last chunk of a file may have fewer. */
export const FILE_CHUNK_BYTES = 64 * 1_024;
/** Bytes of a file before encryption: 63 MiB, so that it has at most 64 afterwards. */
export const FILE_BYTES_MAX = 63 * 1_024 * 1_024;
const VERSION = 1;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = FILE_CHUNK_BYTES + TAG_BYTES;

export function newFileKey(): Bytes {
  return randomBytes(32);
}

/** Bytes that a file of `size` bytes has when it is encrypted. */
export function encryptedSize(size: number): number {
  return 1 + size + TAG_BYTES * Math.max(1, Math.ceil(size / FILE_CHUNK_BYTES));
}

/**
 * Encrypts a file as it flows: version (1) | chunks, each AES-256-GCM under the file's own key.
 *
 * A chunk's nonce is its number (after seven zeros, four bytes) and 1 in the last chunk or 0 in
 * others, as in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): chunks cannot change places,
 * and a file that ends early is noticed. A key must never encrypt two files.
 *
 * @param key 32 bytes from {@link newFileKey}
 * @throws ChatRefusal FILE_TOO_LARGE, through the stream
 */
export function encryptFile(key: Bytes): TransformStream<Uint8Array, Bytes> {
  const cipher = importFileKey(key, "encrypt");
  return chunked(FILE_CHUNK_BYTES, FILE_BYTES_MAX, {
    head: Uint8Array.of(VERSION),
    take: async (chunk, index, isLast) =>
      new Uint8Array(await subtle().encrypt(algorithm(index, isLast), await cipher, chunk)),
  });
}

/**
 * Decrypts what {@link encryptFile} made. Chunks come out as soon as they are checked, so whoever
 * saves them takes them back when the stream fails.
 *
 * @throws ChatRefusal FILE_BROKEN, FILE_TRUNCATED, VERSION_UNKNOWN, FILE_TOO_LARGE, through the
 *   stream
 */
export function decryptFile(key: Bytes): TransformStream<Uint8Array, Bytes> {
  const cipher = importFileKey(key, "decrypt");
  const open = async (chunk: Bytes, index: number, isLast: boolean) =>
    new Uint8Array(await subtle().decrypt(algorithm(index, isLast), await cipher, chunk));
  return chunked(SEALED_CHUNK_BYTES, encryptedSize(FILE_BYTES_MAX), {
    async take(chunk, index, isLast) {
      try {
        return await open(chunk, index, isLast);
      } catch {
        // A whole chunk from the middle, where the end should be: the rest was cut off.
        const isInner = isLast && (await open(chunk, index, false).catch(() => null)) !== null;
        throw new ChatRefusal(isInner ? "FILE_TRUNCATED" : "FILE_BROKEN");
      }
    },
  });
}

interface Chunks {
  /** What stands before the chunks: written where it is given, else read and checked. */
  readonly head?: Bytes;
  take(chunk: Bytes, index: number, isLast: boolean): Promise<Bytes>;
}

/** Cuts a stream into chunks of one length, the last of which is known as such. */
function chunked(
  chunkBytes: number,
  bytesMax: number,
  { head, take }: Chunks,
): TransformStream<Uint8Array, Bytes> {
  let waiting: Bytes = new Uint8Array();
  let index = 0;
  let total = 0;
  let awaitsHead = head === undefined;
  return new TransformStream({
    start(controller) {
      if (head !== undefined) controller.enqueue(head);
    },
    async transform(part, controller) {
      total += part.length;
      if (total > bytesMax) throw new ChatRefusal("FILE_TOO_LARGE");
      waiting = concatBytes(waiting, part);
      if (awaitsHead && waiting.length > 0) {
        if (waiting[0] !== VERSION) throw new ChatRefusal("VERSION_UNKNOWN");
        waiting = waiting.slice(1);
        awaitsHead = false;
      }
      let from = 0;
      // One byte more than a chunk shows that this chunk is not the last.
      for (; waiting.length - from > chunkBytes; from += chunkBytes) {
        controller.enqueue(await take(waiting.slice(from, from + chunkBytes), index++, false));
      }
      waiting = waiting.slice(from);
    },
    async flush(controller) {
      if (awaitsHead) throw new ChatRefusal("FILE_TRUNCATED");
      controller.enqueue(await take(waiting, index, true));
    },
  });
}

function importFileKey(key: Bytes, use: "encrypt" | "decrypt"): Promise<WebKey> {
  const imported = subtle().importKey("raw", key, "AES-GCM", false, [use]);
  // Whoever reads the stream hears of it; without a reader it is nobody's failure.
  imported.catch(() => {});
  return imported;
}

function algorithm(index: number, isLast: boolean) {
  const iv = concatBytes(new Uint8Array(7), u32(index), Uint8Array.of(isLast ? 1 : 0));
  return { name: "AES-GCM", iv, additionalData: fileAad() };
}
