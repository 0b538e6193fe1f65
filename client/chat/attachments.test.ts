import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { nobleFile } from "../../test/support/chat/noble-codec.ts";
import {
  decryptFile,
  encryptedSize,
  encryptFile,
  FILE_CHUNK_BYTES,
  newFileKey,
} from "./attachments.ts";
import { type Bytes, concatBytes, sameBytes } from "./bytes.ts";
import type { RefusalCode } from "./refusals.ts";

const SEALED_CHUNK_BYTES = FILE_CHUNK_BYTES + 16;

/** Sends bytes through a stream in parts of the given size. */
async function through(
  bytes: Uint8Array,
  partBytes: number,
  stream: TransformStream<Uint8Array, Bytes>,
): Promise<Bytes> {
  const parts = async function* () {
    for (let at = 0; at < bytes.length; at += partBytes) yield bytes.slice(at, at + partBytes);
  };
  const out: Bytes[] = [];
  for await (const part of ReadableStream.from(parts()).pipeThrough(stream)) out.push(part);
  return concatBytes(...out);
}

function file(length: number): Bytes {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 255);
}

const SIZES = [0, 1, FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 1, 200_000];

describe("a file", () => {
  for (const size of SIZES) {
    test(`of ${size} bytes comes back, as the implementation on @noble has it`, async () => {
      const key = newFileKey();
      const sealed = await through(file(size), 10_000, encryptFile(key));
      assert.equal(sealed.length, encryptedSize(size));
      assert.ok(sameBytes(sealed, nobleFile(key, file(size))));
      assert.ok(sameBytes(await through(sealed, 70_001, decryptFile(key)), file(size)));
    });
  }

  test("comes back in parts of any size", async () => {
    const key = newFileKey();
    const sealed = await through(file(140_000), 140_000, encryptFile(key));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 150_000 }), async (partBytes) => {
        const [again, back] = await Promise.all([
          through(file(140_000), partBytes, encryptFile(key)),
          through(sealed, partBytes, decryptFile(key)),
        ]);
        assert.ok(sameBytes(again, sealed));
        assert.ok(sameBytes(back, file(140_000)));
      }),
      { numRuns: 10 },
    );
  });

  test("that was changed in any way is refused", async () => {
    const key = newFileKey();
    const sealed = await through(file(150_000), 50_000, encryptFile(key));
    const chunks = [0, 1, 2].map((index) =>
      sealed.slice(1 + index * SEALED_CHUNK_BYTES, 1 + (index + 1) * SEALED_CHUNK_BYTES),
    ) as [Bytes, Bytes, Bytes];
    const version = sealed.slice(0, 1);
    const flipped = sealed.slice();
    flipped[90_000] = flipped[90_000]! ^ 1;
    const changes: ReadonlyArray<readonly [string, RefusalCode, Bytes]> = [
      ["a bit is another", "FILE_BROKEN", flipped],
      ["the last chunk is missing", "FILE_TRUNCATED", sealed.slice(0, 1 + 2 * SEALED_CHUNK_BYTES)],
      ["the end of a chunk is missing", "FILE_BROKEN", sealed.slice(0, -1)],
      ["nothing came", "FILE_TRUNCATED", new Uint8Array()],
      ["no chunk came", "FILE_BROKEN", version],
      ["two chunks changed places", "FILE_BROKEN", concatBytes(version, chunks[1], chunks[0])],
      ["a chunk comes twice", "FILE_BROKEN", concatBytes(version, chunks[0], chunks[0])],
      ["the first chunk is missing", "FILE_BROKEN", concatBytes(version, chunks[1], chunks[2])],
      ["something follows", "FILE_BROKEN", concatBytes(sealed, file(20))],
      ["the version is another", "VERSION_UNKNOWN", concatBytes(file(3).slice(2), chunks[0])],
    ];
    for (const [name, code, bytes] of changes) {
      await assert.rejects(through(bytes, 60_000, decryptFile(key)), { code }, name);
    }
    const other = through(sealed, 60_000, decryptFile(newFileKey()));
    await assert.rejects(other, { code: "FILE_BROKEN" });
  });
});
