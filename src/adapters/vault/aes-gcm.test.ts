import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { test } from "node:test";
import { createSeededRandom } from "../../../test/support/seeded-random.ts";
import { systemRandom } from "../system/random.ts";
import { createVault, type VaultKey } from "./aes-gcm.ts";

const PLACE = "auth_accounts:0198:totp_secret";
const older: VaultKey = { id: "2024", key: Buffer.alloc(32, 1) };
const newer: VaultKey = { id: "2025-b", key: Buffer.alloc(32, 2) };
const vaultOf = (...keys: VaultKey[]) => createVault({ keys, random: systemRandom });

test("what was sealed opens again", () => {
  const vault = vaultOf(older);
  for (const plaintext of ["", "JBSWY3DPEHPK3PXP", "пароль 🎬\u0000\n", "x".repeat(100_000)]) {
    const ciphertext = vault.seal(plaintext, PLACE);
    assert.match(ciphertext, /^v1\.2024\.[\w-]+$/);
    assert.equal(vault.open(ciphertext, PLACE), plaintext);
  }
});

test("a ciphertext has the documented form, and another program can open it", () => {
  const ciphertext = vaultOf(older).seal("secret", PLACE);
  const sealed = Buffer.from(ciphertext.split(".")[2] ?? "", "base64url");
  assert.equal(sealed.length, 12 + 6 + 16);
  const decipher = createDecipheriv("aes-256-gcm", older.key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(`v1.2024.${PLACE}`));
  decipher.setAuthTag(sealed.subarray(-16));
  assert.equal(decipher.update(sealed.subarray(12, -16), undefined, "utf8"), "secret");
  decipher.final();
});

test("the same text never looks the same, and its nonces come from the given randomness", () => {
  const vault = vaultOf(older);
  const seen = new Set(Array.from({ length: 1_000 }, () => vault.seal("same", PLACE)));
  assert.equal(seen.size, 1_000);
  const seeded = () => createVault({ keys: [older], random: createSeededRandom(7) });
  assert.equal(seeded().seal("same", PLACE), seeded().seal("same", PLACE));
});

test("a ciphertext that was moved to another place does not open", () => {
  const vault = vaultOf(older);
  const ciphertext = vault.seal("secret", PLACE);
  for (const place of ["auth_accounts:0199:totp_secret", "", `${PLACE} `]) {
    assert.throws(() => vault.open(ciphertext, place), /altered, or moved/);
  }
});

test("no single character of a ciphertext can be altered, dropped or added", () => {
  const vault = vaultOf(older, { ...newer, id: "2025" });
  const ciphertext = vault.seal("secret", PLACE);
  const refused = (forged: string) => {
    if (forged !== ciphertext) assert.throws(() => vault.open(forged, PLACE), Error, forged);
  };
  for (let i = 0; i < ciphertext.length; i++) {
    for (const character of ["A", "B", "5", "_", ".", "=", " ", ""]) {
      refused(ciphertext.slice(0, i) + character + ciphertext.slice(i + 1));
    }
    refused(ciphertext.slice(0, i));
  }
  // The last character carries bits that decoding ignores; each other spelling is refused as well.
  for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
    refused(ciphertext.slice(0, -1) + last);
  }
  for (const end of ["A", "=", "\n", "."]) refused(ciphertext + end);
  refused("");
});

test("what is sealed now begins as it says, what an earlier key sealed does not", () => {
  const earlier = createVault({
    keys: [{ id: "old", key: new Uint8Array(32).fill(1) }],
    random: systemRandom,
  });
  const keys = [
    { id: "new", key: new Uint8Array(32).fill(2) },
    { id: "old", key: new Uint8Array(32).fill(1) },
  ];
  const vault = createVault({ keys, random: systemRandom });
  assert.ok(vault.seal("x", "a/b").startsWith(vault.beginning));
  const old = earlier.seal("x", "a/b");
  assert.ok(!old.startsWith(vault.beginning));
  assert.equal(vault.open(old, "a/b"), "x");
});

test("keys rotate: the first seals, all open, and a key taken away closes what it sealed", () => {
  const before = vaultOf(older).seal("secret", PLACE);
  const rotated = vaultOf(newer, older);
  assert.equal(rotated.open(before, PLACE), "secret");
  const after = rotated.seal("secret", PLACE);
  assert.match(after, /^v1\.2025-b\./);
  assert.equal(vaultOf(newer).open(after, PLACE), "secret");
  assert.throws(() => vaultOf(newer).open(before, PLACE), /no key with the id "2024"/);
});

test("the wrong key of the right id does not open", () => {
  const ciphertext = vaultOf(older).seal("secret", PLACE);
  const impostor = vaultOf({ id: older.id, key: newer.key });
  assert.throws(() => impostor.open(ciphertext, PLACE), /altered, or moved/);
});

test("wrong keys are refused when the vault is made", () => {
  const { key } = older;
  assert.throws(() => vaultOf(), /at least one key/);
  assert.throws(() => vaultOf({ id: "a", key: key.subarray(1) }), /31 bytes instead of 32/);
  assert.throws(() => vaultOf({ id: "a.b", key }), /cannot be the id/);
  assert.throws(() => vaultOf(older, { ...newer, id: older.id }), /two vault keys/);
});
