import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import {
  nobleLink,
  nobleOpenCopy,
  nobleSealCopy,
  nobleTextBody,
} from "../../test/support/chat/noble-codec.ts";
import { type Body, decodeStatement, encodeStatement, type Statement } from "./body.ts";
import { type Bytes, fromBase64Url, toBase64Url } from "./bytes.ts";
import { importPublicKey, newKeyPair } from "./hpke.ts";
import { Identity } from "./identity.ts";
import { KeyRing, keyIdOf } from "./key-ring.ts";
import { CONTENT_CHARS_MAX, openCopy, sealMessage } from "./message-codec.ts";
import { PADDING_BUCKETS_BYTES, pad, unpad } from "./padding.ts";
import { verifierOf } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { reportOf, verifyReport } from "./report.ts";

const PLACE = {
  conversation: "c0000000-0000-4000-8000-000000000001",
  messageGroup: "d0000000-0000-4000-8000-000000000002",
  sender: "a0000000-0000-4000-8000-000000000003",
  epoch: 7,
  edit: 0,
};
const RECIPIENT = "b0000000-0000-4000-8000-000000000004";
const KEY_VERSION = 3;

const fixedBytes = (length: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes));
/** Objects as code writes them. */
const plainRecord = <Shape>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record(shape, { noNullPrototype: true });
/** Text that UTF-8 can say, of any script. */
const words = (charsMax: number) =>
  fc.string({ unit: "grapheme", minLength: 1, maxLength: charsMax });
const relation = plainRecord({ messageGroup: fc.uuid(), link: fixedBytes(32) });
const attachment = plainRecord({
  id: fc.uuid(),
  key: fixedBytes(32),
  size: fc.nat(),
  name: words(20),
  mediaType: fc.constantFrom("image/png", "text/plain", ""),
});
const anyBody: fc.Arbitrary<Body> = fc.oneof(
  plainRecord({ kind: fc.constant("text" as const), text: words(400) }),
  plainRecord({
    kind: fc.constantFrom("reply" as const, "edit" as const),
    text: words(400),
    relatesTo: relation,
  }),
  plainRecord({
    kind: fc.constant("reaction" as const),
    text: fc.constantFrom("", "👍", "👩‍👩‍👧‍👦", "❤️"),
    relatesTo: relation,
  }),
  plainRecord({ kind: fc.constant("attachment" as const), text: words(40), attachment }),
  plainRecord({
    kind: fc.constant("attachment" as const),
    text: fc.constant(""),
    attachment,
    relatesTo: relation,
  }),
  plainRecord({ kind: fc.constant("deletion" as const), relatesTo: relation }),
);
const anyStatement: fc.Arbitrary<Statement> = plainRecord({
  body: anyBody,
  prevHash: fixedBytes(32),
  fadesAfterS: fc.nat(),
});

async function pairOfPeople() {
  const identity = Identity.create();
  const verify = await verifierOf(identity.publicKey);
  const pair = newKeyPair();
  const keys = new KeyRing();
  await keys.add(KEY_VERSION, pair);
  const recipient = {
    userId: RECIPIENT,
    keyVersion: KEY_VERSION,
    keyId: keyIdOf(pair.publicKey),
    publicKey: await importPublicKey(pair.publicKey),
  };
  const seal = async (statement: Statement) => {
    const { copies, opened } = await sealMessage(PLACE, statement, identity, [recipient]);
    const content = copies.messages[0]!.content;
    const { commitment } = copies;
    const copy = { ...PLACE, recipient: RECIPIENT, keyVersion: KEY_VERSION, commitment, content };
    return { copy, opened };
  };
  return { identity, verify, pair, keys, seal };
}

describe("a message", () => {
  test("of any body comes back as it was, and its parts are as large as the page says", async () => {
    const { keys, verify, seal } = await pairOfPeople();
    await fc.assert(
      fc.asyncProperty(anyStatement, async (statement) => {
        const { copy, opened } = await seal(statement);
        assert.deepEqual(await openCopy(copy, keys, verify), opened);
        assert.deepEqual(opened.statement, statement);
        assert.ok(copy.content.length <= CONTENT_CHARS_MAX);
        const padded = fromBase64Url(copy.content).length - 41 - 16;
        assert.ok(PADDING_BUCKETS_BYTES.some((bytes) => bytes === padded));
        const report = reportOf(PLACE.messageGroup, opened);
        assert.deepEqual(verifyReport(report, copy.commitment), statement);
      }),
      { numRuns: 60 },
    );
  });

  test("with any bit flipped, anywhere, is refused", async () => {
    const { keys, verify, seal } = await pairOfPeople();
    const body = { kind: "text", text: "one bit" } as const;
    const { copy } = await seal({ body, prevHash: new Uint8Array(32), fadesAfterS: 0 });
    const flip = (text: string, bit: number) => {
      const bytes = fromBase64Url(text);
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      return toBase64Url(bytes);
    };
    const contentBits = fromBase64Url(copy.content).length * 8;
    await fc.assert(
      fc.asyncProperty(fc.nat(contentBits - 1), async (bit) => {
        const changed = { ...copy, content: flip(copy.content, bit) };
        await assert.rejects(openCopy(changed, keys, verify), ChatRefusal);
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(255), async (bit) => {
        const changed = { ...copy, commitment: flip(copy.commitment, bit) };
        await assert.rejects(openCopy(changed, keys, verify), { code: "COMMITMENT_WRONG" });
      }),
      { numRuns: 40 },
    );
  });

  test("sealed by the client is opened on @noble alone, and the other way round", async () => {
    const { identity, verify, pair, keys, seal } = await pairOfPeople();
    const place = { ...PLACE, group: PLACE.messageGroup };
    const statement: Statement = {
      body: { kind: "text", text: "Καλημέρα" },
      prevHash: new Uint8Array(32).fill(9),
      fadesAfterS: 60,
    };
    const { copy, opened } = await seal(statement);
    const around = { place, recipient: RECIPIENT, keyVersion: KEY_VERSION };
    const commitment = fromBase64Url(copy.commitment);
    const content = fromBase64Url(copy.content);
    const { body, frankingKey } = nobleOpenCopy(
      ...([content, around, pair.privateKey, identity.publicKey, commitment] as const),
    );
    assert.deepEqual(body, nobleTextBody(statement.prevHash, 60, "Καλημέρα"));
    assert.deepEqual(frankingKey, opened.frankingKey);
    assert.deepEqual(nobleLink(place, commitment), opened.link);

    const made = nobleSealCopy(
      { ...around, body, frankingKey },
      identity.exportSeed(),
      pair.publicKey,
    );
    const byNoble = { ...copy, content: toBase64Url(made.content) };
    assert.deepEqual(await openCopy(byNoble, keys, verify), opened);
  });

  test("is refused before it is sent when it is too long or cannot be said", async () => {
    const { seal } = await pairOfPeople();
    const sealText = (text: string) =>
      seal({ body: { kind: "text", text }, prevHash: new Uint8Array(32), fadesAfterS: 0 });
    await assert.rejects(sealText("x".repeat(6_000)), { code: "CONTENT_TOO_LARGE" });
    await assert.rejects(sealText(""), { code: "BODY_INVALID" });
    await assert.rejects(sealText("half \ud83d"), { code: "BODY_INVALID" });
    await sealText("x".repeat(5_900));
  });

  test("is believed or not in the same way where WebCrypto has no Ed25519", async (t) => {
    const identity = Identity.create();
    const message = new TextEncoder().encode("signed");
    const signature = identity.sign(message);
    const missing = async () => {
      throw new DOMException("Unrecognized name.", "NotSupportedError");
    };
    const { mock } = t.mock.method(crypto.subtle, "importKey", missing);
    const verify = await verifierOf(identity.publicKey);
    assert.equal(mock.callCount(), 1);
    assert.equal(await verify(signature, message), true);
    assert.equal(await verify(signature, new TextEncoder().encode("signec")), false);
  });

  test("of a key that signs for everybody is nobody's", async () => {
    const point = ed25519.Point.ZERO.toBytes();
    await assert.rejects(verifierOf(new Uint8Array(point)), { code: "KEY_INVALID" });
    await assert.rejects(verifierOf(new Uint8Array(32).fill(255)), { code: "KEY_INVALID" });
  });
});

describe("its encoding", () => {
  test("says every statement in one way, and reads no other", () => {
    fc.assert(
      fc.property(anyStatement, (statement) => {
        assert.deepEqual(decodeStatement(encodeStatement(statement)), statement);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let statement: Statement;
        try {
          statement = decodeStatement(new Uint8Array(bytes));
        } catch (error) {
          assert.ok(error instanceof ChatRefusal);
          return;
        }
        assert.deepEqual(encodeStatement(statement), new Uint8Array(bytes));
      }),
    );
  });

  test("base64url comes back, and nothing else is taken for it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64Url(bytes);
        assert.equal(text, Buffer.from(bytes).toString("base64url"));
        assert.deepEqual(fromBase64Url(text), new Uint8Array(bytes));
      }),
    );
    for (const text of ["A", "AB=", "AB==", "A B", "AR", "AAB", "ÄÄÄÄ", "AAAAA"]) {
      assert.throws(() => fromBase64Url(text), { code: "BASE64_INVALID" }, text);
    }
  });

  test("fills up to the next length and takes only that filling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6_080 }), (bytes) => {
        const padded = pad(new Uint8Array(bytes));
        assert.deepEqual(unpad(padded, bytes.length), new Uint8Array(bytes));
      }),
      { numRuns: 30 },
    );
    const padded = pad(new Uint8Array(10));
    const malformed = { code: "CONTENT_MALFORMED" };
    padded[200] = 1;
    assert.throws(() => unpad(padded, 10), malformed);
    assert.throws(() => unpad(padded, 257), malformed);
    assert.throws(() => unpad(new Uint8Array(512), 10), malformed);
  });
});

test("a report of other words, or with another key, is refused", async () => {
  const { seal } = await pairOfPeople();
  const body = { kind: "text", text: "what was said" } as const;
  const { copy, opened } = await seal({ body, prevHash: new Uint8Array(32), fadesAfterS: 0 });
  const report = reportOf(PLACE.messageGroup, opened);
  const wrong = { code: "COMMITMENT_WRONG" };
  const otherBody = toBase64Url(
    encodeStatement({ ...opened.statement, body: { kind: "text", text: "what was not said" } }),
  );
  assert.throws(() => verifyReport({ ...report, body: otherBody }, copy.commitment), wrong);
  const otherKey = toBase64Url(new Uint8Array(32));
  assert.throws(() => verifyReport({ ...report, k_f: otherKey }, copy.commitment), wrong);
  const longKey = toBase64Url(new Uint8Array([...opened.frankingKey, 0]));
  assert.throws(() => verifyReport({ ...report, k_f: longKey }, copy.commitment), {
    code: "KEY_INVALID",
  });
});
