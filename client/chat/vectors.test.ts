import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import vectors from "../../docs/protocol/chat-encryption-vectors.json" with { type: "json" };
import { makeVectors, VECTOR_INPUTS } from "../../test/support/chat/vectors.ts";
import { decryptFile } from "./attachments.ts";
import { encodeStatement } from "./body.ts";
import { type Bytes, keyFromBase64Url, toBase64Url } from "./bytes.ts";
import { keyPairOf } from "./hpke.ts";
import { Identity } from "./identity.ts";
import { KeyRing, keyIdOf } from "./key-ring.ts";
import { openCopy } from "./message-codec.ts";
import { unwrapForDevice } from "./new-device.ts";
import { unwrapByPassphrase } from "./passphrase.ts";
import { verifierOf } from "./primitives.ts";
import { unwrapByRecoveryKey } from "./recovery-key.ts";
import { verifyReport } from "./report.ts";
import { RootKey } from "./root-key.ts";
import { signKey } from "./roster.ts";
import { safetyNumber } from "./safety-number.ts";

const { inputs, outputs } = vectors;
const bytes = (hex: string): Bytes => new Uint8Array(hexToBytes(hex));
const statement = {
  body: { kind: "text", text: inputs.text },
  prevHash: bytes(inputs.prevHash),
  fadesAfterS: inputs.fadesAfterS,
} as const;

describe("the vectors in docs/protocol", () => {
  test("are what the implementation on @noble makes of their inputs", () => {
    assert.deepEqual(vectors, makeVectors(VECTOR_INPUTS));
  });

  test("hold for a message", async () => {
    const keys = new KeyRing();
    const pair = keyPairOf(bytes(inputs.recipientPrivateKey));
    await keys.add(inputs.keyVersion, pair);
    const { conversation, messageGroup, sender, recipient, epoch, edit, keyVersion } = inputs;
    const place = { conversation, messageGroup, sender, epoch, edit };
    const commitment = toBase64Url(bytes(outputs.commitment));
    const opened = await openCopy(
      { ...place, recipient, keyVersion, commitment, content: outputs.content },
      keys,
      await verifierOf(bytes(outputs.senderIdentity)),
    );
    assert.deepEqual(opened.statement, statement);
    assert.equal(bytesToHex(opened.link), outputs.link);
    assert.equal(bytesToHex(opened.frankingKey), inputs.frankingKey);
    assert.equal(bytesToHex(encodeStatement(statement)), outputs.body);
    assert.equal(bytesToHex(keyIdOf(pair.publicKey)), outputs.keyId);
    const report = {
      message_group: messageGroup,
      body: toBase64Url(bytes(outputs.body)),
      k_f: toBase64Url(bytes(inputs.frankingKey)),
    };
    assert.deepEqual(verifyReport(report, commitment), statement);
  });

  test("hold for people and their keys", () => {
    const one = { userId: inputs.sender, identity: bytes(outputs.senderIdentity) };
    const other = { userId: inputs.recipient, identity: bytes(outputs.recipientIdentity) };
    assert.equal(safetyNumber(one, other), outputs.safetyNumber);
    const identity = Identity.fromSeed(bytes(inputs.recipientIdentitySeed));
    const publicKey = bytes(outputs.recipientPublicKey);
    const { conversation, recipient, keyVersion } = inputs;
    const signature = signKey(identity, conversation, recipient, keyVersion, publicKey);
    assert.deepEqual(keyFromBase64Url(signature, 64), bytes(outputs.keySignature));
  });

  test("hold for an account's keys", async () => {
    const { recipient: user, conversation, keyVersion } = inputs;
    const { recoveryKey, deviceCode } = outputs;
    const pair = keyPairOf(bytes(inputs.devicePrivateKey));
    const nowMs = inputs.deviceExpiresAtS * 1_000 - 1;
    const roots = [
      await unwrapByPassphrase(user, outputs.wrapByPassphrase, inputs.passphrase),
      await unwrapByRecoveryKey(user, outputs.wrapByRecoveryKey, recoveryKey),
      await unwrapForDevice({ code: deviceCode, pair }, outputs.wrapForDevice, nowMs),
    ];
    for (const root of roots) assert.equal(bytesToHex(root.exportBytes()), inputs.rootKey);

    const root = RootKey.fromBytes(bytes(inputs.rootKey));
    const identityKey = bytes(outputs.recipientIdentity);
    const identity = await root.unwrapIdentity(user, identityKey, outputs.wrapOfIdentity);
    assert.equal(bytesToHex(identity.exportSeed()), inputs.recipientIdentitySeed);
    const publicKey = bytes(outputs.recipientPublicKey);
    const { privateKey } = await root.unwrapConversationKey(
      ...([user, conversation, keyVersion, publicKey, outputs.wrapOfConversationKey] as const),
    );
    assert.equal(bytesToHex(privateKey), inputs.recipientPrivateKey);
  });

  test("hold for a file", async () => {
    const source = ReadableStream.from([bytes(outputs.encryptedFile)]);
    const stream = source.pipeThrough(decryptFile(bytes(inputs.fileKey)));
    assert.equal(await new Response(stream).text(), inputs.file);
  });
});
