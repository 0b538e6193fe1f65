import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatRoom, type Person } from "../../test/support/chat/chat-room.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { inviteByDevice, wrapForDevice } from "./new-device.ts";
import { wrapByPassphrase } from "./passphrase.ts";
import { newRecoveryKey, wrapByRecoveryKey } from "./recovery-key.ts";
import { ChatRefusal } from "./refusals.ts";

/** Every text in what was handed over, and the bytes of those that are base64url. */
function leavesOf(value: unknown): Uint8Array[] {
  if (typeof value === "string") {
    const utf8 = new TextEncoder().encode(value);
    try {
      return [utf8, fromBase64Url(value)];
    } catch {
      return [utf8];
    }
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [...leavesOf(key), ...leavesOf(child)]);
}

/** The forms in which a secret might slip through. */
function formsOf(secret: Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  // Base64 of a secret in the middle of something: at three offsets, without the uncertain ends.
  const inner = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(before === 0 ? 0 : 4, text.length - 4);
  });
  const urlSafe = inner.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const texts = [bytes.toString("hex"), ...inner, ...urlSafe];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

test("no body, passphrase or key is in anything that the service gets", async () => {
  const room = await ChatRoom.of(2);
  const [alice, bob] = room.people as [Person, Person];
  const words = "canary body 5f1d";
  const passphrase = "canary passphrase 77aa";
  const fileKey = crypto.getRandomValues(new Uint8Array(32));
  const group = await alice.session.send({ kind: "text", text: words });
  await alice.session.edit(group, `${words}, mended`);
  await alice.session.send({ kind: "reaction", text: "canary 🐤🐤", about: group });
  const attachment = {
    id: crypto.randomUUID(),
    key: fileKey,
    size: 1,
    name: "canary name.txt",
    mediaType: "text/canary",
  };
  await alice.session.send({ kind: "attachment", text: words, attachment });
  const recoveryKey = newRecoveryKey();
  const nowMs = 1_800_000_000_000;
  const invitation = inviteByDevice(alice.user, nowMs);
  const accountKeys = {
    identity_public_key: alice.identity.publicText,
    wraps: [
      await alice.root.wrapIdentity(alice.user, alice.identity),
      await wrapByPassphrase(alice.user, alice.root, passphrase),
      await wrapByRecoveryKey(alice.user, alice.root, recoveryKey),
      await wrapForDevice(alice.user, alice.root, invitation.code, nowMs),
    ],
  };
  const [own] = room.server.wrapped.get(alice.user)!;
  const { conversation } = room.server;
  const publicKey = fromBase64Url(own!.public_key);
  const { privateKey } = await alice.root.unwrapConversationKey(
    ...([alice.user, conversation, 1, publicKey, own!.private_key] as const),
  );
  const read = await bob.session.open(room.server.feedOf(bob.user)[0]!);

  const utf8 = (text: string) => new TextEncoder().encode(text);
  const canaries: Record<string, Uint8Array> = {
    body: utf8(words),
    reaction: utf8("canary 🐤🐤"),
    "file name": utf8("canary name.txt"),
    "media type": utf8("text/canary"),
    passphrase: utf8(passphrase),
    "recovery key": utf8(recoveryKey),
    "recovery key, typed on": utf8(recoveryKey.replaceAll("-", "")),
    "device code's secret": utf8(invitation.code.split(":")[4]!),
    "device's private key": invitation.pair.privateKey,
    "root key": alice.root.exportBytes(),
    "identity key": alice.identity.exportSeed(),
    "conversation's private key": privateKey,
    "file key": fileKey,
    "commitment's key": fromBase64Url(read.evidence.k_f),
  };
  const handed = leavesOf([...room.server.handed, accountKeys]).map((leaf) => Buffer.from(leaf));
  assert.ok(handed.length > 50);
  for (const [name, canary] of Object.entries(canaries)) {
    const found = formsOf(canary).some((form) => handed.some((leaf) => leaf.includes(form)));
    assert.ok(!found, name);
  }
  // The search itself: it finds what is there, plain and inside of base64url.
  const planted = leavesOf([{ a: words }, toBase64Url(utf8(`xx${words}`))]);
  assert.equal(planted.filter((leaf) => Buffer.from(leaf).includes(words)).length, 2);
});

test("refusals say nothing of what was said", async () => {
  const room = await ChatRoom.of(2);
  const [alice, bob] = room.people as [Person, Person];
  const group = await alice.session.send({ kind: "text", text: "canary words" });
  const copy = { ...room.copyFor(bob, group), commitment: toBase64Url(new Uint8Array(32)) };
  const [reading] = await bob.session.openAll([copy]);
  assert.ok(reading instanceof ChatRefusal);
  const told = JSON.stringify([reading.message, reading.data, reading.stack]);
  assert.ok(!told.includes("canary"));
  assert.deepEqual(reading.data, { messageGroup: group, sender: alice.user });
});
