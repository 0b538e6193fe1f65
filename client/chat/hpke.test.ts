import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { gcm } from "@noble/ciphers/aes.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import {
  deriveKeyPair,
  keySchedule,
  nobleOpen,
  nobleSeal,
  nonceOf,
  sharedSecret,
} from "../../test/support/chat/noble-hpke.ts";
import vectors from "../../test/support/chat/rfc9180-a1.json" with { type: "json" };
import { hpkeOpen, hpkeSeal, importKeyPair, importPublicKey, newKeyPair } from "./hpke.ts";

const { base } = vectors;
const bytes = (hex: string) => new Uint8Array(hexToBytes(hex));
const info = bytes(base.info);

describe("HPKE, held against RFC 9180 A.1.1", () => {
  test("the implementation on @noble agrees in every step", () => {
    const recipient = deriveKeyPair(bytes(base.ikmR));
    const ephemeral = deriveKeyPair(bytes(base.ikmE));
    assert.equal(bytesToHex(recipient.privateKey), base.skRm);
    assert.equal(bytesToHex(recipient.publicKey), base.pkRm);
    assert.equal(bytesToHex(ephemeral.privateKey), base.skEm);
    assert.equal(bytesToHex(ephemeral.publicKey), base.enc);
    const { privateKey } = ephemeral;
    const secret = sharedSecret(
      privateKey,
      recipient.publicKey,
      ephemeral.publicKey,
      recipient.publicKey,
    );
    assert.equal(bytesToHex(secret), base.shared_secret);
    const { key, baseNonce, exporterSecret } = keySchedule(secret, info);
    assert.equal(bytesToHex(key), base.key);
    assert.equal(bytesToHex(baseNonce), base.base_nonce);
    assert.equal(bytesToHex(exporterSecret), base.exporter_secret);
    for (const { sequence, aad, pt, ct } of base.encryptions) {
      const cipher = gcm(key, nonceOf(baseNonce, sequence), bytes(aad));
      assert.equal(bytesToHex(cipher.encrypt(bytes(pt))), ct);
    }
  });

  test("the client opens its first message, and @hpke/core makes it", async () => {
    const pair = { privateKey: bytes(base.skRm), publicKey: bytes(base.pkRm) };
    const [first] = base.encryptions;
    assert.ok(first);
    const sealed = { enc: bytes(base.enc), ciphertext: bytes(first.ct) };
    const opened = await hpkeOpen(await importKeyPair(pair), info, sealed, bytes(first.aad));
    assert.equal(bytesToHex(opened), first.pt);

    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes128Gcm(),
    });
    const recipientPublicKey = await importPublicKey(pair.publicKey);
    const ekm = bytes(base.ikmE);
    const context = await suite.createSenderContext({ recipientPublicKey, info, ekm });
    assert.equal(bytesToHex(new Uint8Array(context.enc)), base.enc);
    for (const { aad, pt, ct } of base.encryptions.slice(0, 3)) {
      const sealedBytes = new Uint8Array(await context.seal(bytes(pt), bytes(aad)));
      if (ct !== "") assert.equal(bytesToHex(sealedBytes), ct);
    }
  });
});

test("what one implementation seals, the other opens", async () => {
  const pair = newKeyPair();
  const plain = new TextEncoder().encode("Beauty is truth, truth beauty");
  const aad = new TextEncoder().encode("aad");
  const byClient = await hpkeSeal(await importPublicKey(pair.publicKey), info, plain, aad);
  assert.deepEqual(nobleOpen(pair.privateKey, info, byClient, aad), plain);
  const { enc, ciphertext } = nobleSeal(pair.publicKey, info, plain, aad);
  const byNoble = { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ciphertext) };
  assert.deepEqual(await hpkeOpen(await importKeyPair(pair), info, byNoble, aad), plain);
});

test("a public key that agrees on nothing is refused", async () => {
  const zero = await importPublicKey(new Uint8Array(32));
  const refused = { code: "KEY_INVALID" };
  await assert.rejects(hpkeSeal(zero, info, new Uint8Array(1), new Uint8Array()), refused);
  await assert.rejects(importPublicKey(new Uint8Array(31)), refused);
  const key = await importKeyPair(newKeyPair());
  const sealed = { enc: new Uint8Array(32), ciphertext: new Uint8Array(17) };
  await assert.rejects(hpkeOpen(key, info, sealed, new Uint8Array()), { code: "CANNOT_OPEN" });
});
