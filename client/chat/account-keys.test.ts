import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { newKeyPair } from "./hpke.ts";
import { Identity } from "./identity.ts";
import {
  DEVICE_CODE_MS_MAX,
  inviteByDevice,
  unwrapForDevice,
  wrapForDevice,
} from "./new-device.ts";
import { changePassphrase, unwrapByPassphrase, wrapByPassphrase } from "./passphrase.ts";
import { PinBook } from "./pins.ts";
import { newRecoveryKey, unwrapByRecoveryKey, wrapByRecoveryKey } from "./recovery-key.ts";
import { ChatRefusal, type RefusalCode } from "./refusals.ts";
import { RootKey } from "./root-key.ts";
import { KEY_AGE_MS_MAX, KEY_MESSAGES_MAX, rotationReason } from "./rotation.ts";
import { safetyNumber } from "./safety-number.ts";

const USER = "a0000000-0000-4000-8000-000000000001";
const OTHER = "b0000000-0000-4000-8000-000000000002";
const CONVERSATION = "c0000000-0000-4000-8000-000000000003";
const NOW_MS = 1_800_000_000_000;
const refused = (code: RefusalCode) => ({ code });
function flipped(wrap: string, at: number): string {
  const bytes = fromBase64Url(wrap);
  bytes[at] = bytes[at]! ^ 1;
  return toBase64Url(bytes);
}

describe("the root key", () => {
  test("wraps a conversation key for one account, conversation, version and key", async () => {
    const root = RootKey.create();
    const pair = newKeyPair();
    const wrap = await root.wrapConversationKey(USER, CONVERSATION, 2, pair);
    const unwrap = (user: string, conversation: string, version: number, key = pair.publicKey) =>
      root.unwrapConversationKey(user, conversation, version, key, wrap);
    assert.deepEqual(await unwrap(USER, CONVERSATION, 2), pair);
    const broken = refused("WRAP_BROKEN");
    await assert.rejects(unwrap(OTHER, CONVERSATION, 2), broken);
    await assert.rejects(unwrap(USER, OTHER, 2), broken);
    await assert.rejects(unwrap(USER, CONVERSATION, 1), broken);
    await assert.rejects(unwrap(USER, CONVERSATION, 2, newKeyPair().publicKey), broken);
    const { length } = fromBase64Url(wrap);
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), async (at) => {
        const changed = flipped(wrap, at);
        await assert.rejects(
          root.unwrapConversationKey(USER, CONVERSATION, 2, pair.publicKey, changed),
          ChatRefusal,
        );
      }),
      { numRuns: 40 },
    );
  });

  test("wraps the identity for one account", async () => {
    const root = RootKey.create();
    const identity = Identity.create();
    const wrap = await root.wrapIdentity(USER, identity);
    const unwrapped = await root.unwrapIdentity(USER, identity.publicKey, wrap);
    assert.deepEqual(unwrapped.exportSeed(), identity.exportSeed());
    const broken = refused("WRAP_BROKEN");
    await assert.rejects(root.unwrapIdentity(OTHER, identity.publicKey, wrap), broken);
    const other = Identity.create().publicKey;
    await assert.rejects(root.unwrapIdentity(USER, other, wrap), broken);
    await assert.rejects(RootKey.create().unwrapIdentity(USER, identity.publicKey, wrap), broken);
    const conversationWrap = await root.wrapConversationKey(USER, CONVERSATION, 1, newKeyPair());
    await assert.rejects(root.unwrapIdentity(USER, identity.publicKey, conversationWrap), broken);
  });
});

describe("a passphrase", () => {
  test("opens the root key, tells how far it is, and leaves the page its turns", async () => {
    const root = RootKey.create();
    const heard: number[] = [];
    let turns = 0;
    let isDone = false;
    const counting = (async () => {
      while (!isDone) {
        await setImmediate();
        turns++;
      }
    })();
    const wrap = await wrapByPassphrase(USER, root, "correct horse battery", (part) =>
      heard.push(part),
    );
    isDone = true;
    await counting;
    assert.ok(turns > 5, `the page had ${turns} turns`);
    assert.equal(heard.at(-1), 1);
    assert.deepEqual(
      heard,
      heard.toSorted((one, other) => one - other),
    );

    const same = await unwrapByPassphrase(USER, wrap, "correct horse battery");
    assert.deepEqual(same.exportBytes(), root.exportBytes());
    const changed = await changePassphrase(
      ...([USER, wrap, "correct horse battery", "another one, longer"] as const),
    );
    const again = await unwrapByPassphrase(USER, changed, "another one, longer");
    assert.deepEqual(again.exportBytes(), root.exportBytes());
    await assert.rejects(
      unwrapByPassphrase(USER, changed, "correct horse battery"),
      refused("PASSPHRASE_WRONG"),
    );
    await assert.rejects(
      unwrapByPassphrase(OTHER, wrap, "correct horse battery"),
      refused("PASSPHRASE_WRONG"),
    );
  });

  test("has to be long enough, and other wraps are none of its own", async () => {
    const root = RootKey.create();
    await assert.rejects(
      wrapByPassphrase(USER, root, "too short 🐴"),
      refused("PASSPHRASE_TOO_SHORT"),
    );
    const recovery = await wrapByRecoveryKey(USER, root, newRecoveryKey());
    await assert.rejects(unwrapByPassphrase(USER, recovery, "whatever"), refused("WRAP_BROKEN"));
    await assert.rejects(unwrapByPassphrase(USER, "Ag", "whatever"), refused("VERSION_UNKNOWN"));
    await assert.rejects(unwrapByPassphrase(USER, "AQE", "whatever"), refused("WRAP_BROKEN"));
  });
});

describe("a recovery key", () => {
  test("opens the root key, however it is typed", async () => {
    const root = RootKey.create();
    const key = newRecoveryKey();
    assert.match(key, /^([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}$/);
    const wrap = await wrapByRecoveryKey(USER, root, key);
    const spellings = [
      key,
      key.toLowerCase(),
      key.replaceAll("-", " "),
      key.replaceAll("-", ""),
      key.replaceAll("0", "o").replaceAll("1", "l"),
      key.replaceAll("0", "O").replaceAll("1", "I"),
    ];
    for (const typed of spellings) {
      const same = await unwrapByRecoveryKey(USER, wrap, typed);
      assert.deepEqual(same.exportBytes(), root.exportBytes());
    }
    await assert.rejects(
      unwrapByRecoveryKey(USER, wrap, newRecoveryKey()),
      refused("RECOVERY_KEY_WRONG"),
    );
    await assert.rejects(unwrapByRecoveryKey(OTHER, wrap, key), refused("RECOVERY_KEY_WRONG"));
  });

  test("says when it was mistyped", async () => {
    const key = newRecoveryKey();
    const wrap = await wrapByRecoveryKey(USER, RootKey.create(), key);
    const mistyped = refused("RECOVERY_KEY_MISTYPED");
    const first = key.startsWith("7") ? "8" : "7";
    const typed = [first + key.slice(1), key.slice(1), `${key}0`, key.replace(/.$/, "U"), ""];
    for (const text of typed) await assert.rejects(unwrapByRecoveryKey(USER, wrap, text), mistyped);
  });
});

describe("a new device", () => {
  test("gets the root key from a device that has read its code", async () => {
    const root = RootKey.create();
    const invitation = inviteByDevice(USER, NOW_MS);
    const wrap = await wrapForDevice(USER, root, invitation.code, NOW_MS + 1);
    const same = await unwrapForDevice(invitation, wrap, NOW_MS + 2);
    assert.deepEqual(same.exportBytes(), root.exportBytes());
  });

  test("refuses a root key from somebody who has not seen the code", async () => {
    const invitation = inviteByDevice(USER, NOW_MS);
    const [prefix, version, user, key, , expires] = invitation.code.split(":");
    const guessed = inviteByDevice(USER, NOW_MS);
    const secret = guessed.code.split(":")[4];
    const text = [prefix, version, user, key, secret, expires].join(":");
    const hash = new Uint8Array(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
    );
    const code = `${text}:${toBase64Url(hash.slice(0, 4))}`;
    const wrap = await wrapForDevice(USER, RootKey.create(), code, NOW_MS);
    await assert.rejects(unwrapForDevice(invitation, wrap, NOW_MS), refused("WRAP_BROKEN"));
  });

  test("has a code that expires, belongs to one account, and shows a mistake", async () => {
    const root = RootKey.create();
    const invitation = inviteByDevice(USER, NOW_MS);
    const { code } = invitation;
    const late = NOW_MS + DEVICE_CODE_MS_MAX + 1_000;
    await assert.rejects(wrapForDevice(USER, root, code, late), refused("DEVICE_CODE_EXPIRED"));
    const early = NOW_MS - 2 * DEVICE_CODE_MS_MAX;
    await assert.rejects(wrapForDevice(USER, root, code, early), refused("DEVICE_CODE_EXPIRED"));
    const invalid = refused("DEVICE_CODE_INVALID");
    await assert.rejects(wrapForDevice(OTHER, root, code, NOW_MS), invalid);
    const mistake = code.replace(
      /^(.{60})(.)/,
      (_, head, char) => head + (char === "A" ? "B" : "A"),
    );
    for (const text of [mistake, "https://example.org", `${code}x`, ""]) {
      await assert.rejects(wrapForDevice(USER, root, text, NOW_MS), invalid);
    }
    const wrap = await wrapForDevice(USER, root, code, NOW_MS);
    await assert.rejects(unwrapForDevice(invitation, wrap, late), refused("DEVICE_CODE_EXPIRED"));
  });
});

describe("identities", () => {
  test("are pinned, and a change stops until it is acknowledged", async () => {
    const first = Identity.create();
    const second = Identity.create();
    const pins = new PinBook();
    assert.throws(() => pins.check(USER, first.publicText), refused("MEMBER_NOT_PINNED"));
    await assert.rejects(pins.verifier(USER), refused("MEMBER_NOT_PINNED"));
    await pins.pin(USER, first.publicText);
    await pins.pin(USER, first.publicText);
    pins.check(USER, first.publicText);
    await assert.rejects(pins.pin(USER, second.publicText), refused("IDENTITY_CHANGED"));
    assert.throws(() => pins.check(USER, second.publicText), refused("IDENTITY_CHANGED"));

    await pins.acknowledgeChange(USER, second.publicText);
    pins.check(USER, second.publicText);
    const message = new TextEncoder().encode("signed");
    const verify = await pins.verifier(USER);
    assert.equal(await verify(second.sign(message), message), true);
    assert.equal(await verify(first.sign(message), message), false);
    const restored = new PinBook(JSON.parse(JSON.stringify(pins.export())));
    assert.equal(restored.identityOf(USER), second.publicText);
    assert.equal(await (await restored.verifier(USER))(second.sign(message), message), true);
  });

  test("have safety numbers that are the same from both ends, and another for another key", () => {
    const one = { userId: USER, identity: Identity.create().publicKey };
    const other = { userId: OTHER, identity: Identity.create().publicKey };
    const number = safetyNumber(one, other);
    assert.match(number, /^(\d{5} ){11}\d{5}$/);
    assert.equal(safetyNumber(other, one), number);
    assert.notEqual(safetyNumber(one, { ...other, identity: one.identity }), number);
    assert.notEqual(safetyNumber(one, { ...other, userId: CONVERSATION }), number);
  });
});

test("a key is replaced after 30 days, 1,000 messages, a leave or a lost device", () => {
  const use = { createdAtMs: NOW_MS, messages: 0, memberLeft: false, deviceLost: false };
  assert.equal(rotationReason(use, NOW_MS + KEY_AGE_MS_MAX - 1), null);
  assert.equal(rotationReason(use, NOW_MS + KEY_AGE_MS_MAX), "age");
  assert.equal(rotationReason({ ...use, messages: KEY_MESSAGES_MAX - 1 }, NOW_MS), null);
  assert.equal(rotationReason({ ...use, messages: KEY_MESSAGES_MAX }, NOW_MS), "messages");
  assert.equal(rotationReason({ ...use, memberLeft: true }, NOW_MS), "leave");
  assert.equal(rotationReason({ ...use, deviceLost: true }, NOW_MS), "lost-device");
});
