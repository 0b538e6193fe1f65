import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChatRoom, type Person } from "../../test/support/chat/chat-room.ts";
import type { Reading, ReadMessage } from "./conversation-session.ts";
import { ChatRefusal } from "./refusals.ts";
import { verifyReport } from "./report.ts";

const text = (words: string) => ({ kind: "text", text: words }) as const;

async function room(count: number) {
  const made = await ChatRoom.of(count);
  const people = made.people as [Person, Person, Person];
  return { room: made, people, alice: people[0], bob: people[1], carol: people[2] };
}

function texts(readings: readonly Reading[]): string[] {
  return readings.map((reading) => {
    if (reading instanceof ChatRefusal) return reading.code;
    return "text" in reading.body ? reading.body.text : reading.body.kind;
  });
}

describe("a conversation", () => {
  test("is read by all its members, the writer included", async () => {
    const { room: chat, people, alice, bob } = await room(3);
    await alice.session.send(text("hello"));
    await bob.session.send(text("hello Alice"));
    await alice.session.send(text("how are you?"));
    for (const { user, session } of people) {
      const readings = await session.openAll(chat.server.feedOf(user));
      assert.deepEqual(texts(readings), ["hello", "hello Alice", "how are you?"]);
      const standings = readings.map((reading) => (reading as ReadMessage).standing);
      const own = user === alice.user ? "joined" : "begun";
      const bobs = user === bob.user ? "joined" : "begun";
      assert.deepEqual(standings, [own, bobs, "joined"]);
    }
  });

  test("has replies, reactions, edits, attachments and deletions", async () => {
    const { room: chat, alice, bob } = await room(2);
    const first = await alice.session.send(text("first"));
    await bob.session.openAll(chat.server.feedOf(bob.user));
    await bob.session.send({ kind: "reply", text: "a reply", about: first });
    await bob.session.send({ kind: "reaction", text: "👍", about: first });
    await alice.session.edit(first, "first, mended");
    await alice.session.edit(first, "first, mended twice");
    const attachment = {
      id: crypto.randomUUID(),
      key: crypto.getRandomValues(new Uint8Array(32)),
      size: 5,
      name: "a.txt",
      mediaType: "text/plain",
    };
    await alice.session.send({ kind: "attachment", text: "see", attachment });
    await alice.session.send({ kind: "deletion", about: first });
    const readings = await bob.session.openAll(chat.server.feedOf(bob.user).slice(1));
    assert.deepEqual(texts(readings), [
      "a reply",
      "👍",
      "first, mended",
      "first, mended twice",
      "see",
      "deletion",
    ]);
    bob.session.confirmDeletion(first, alice.user);
    await assert.rejects(bob.session.send({ kind: "deletion", about: first }), {
      code: "DELETION_BY_ANOTHER",
    });
    await assert.rejects(bob.session.edit(first, "x"), { code: "EDIT_BY_ANOTHER" });
    const about = crypto.randomUUID();
    await assert.rejects(bob.session.send({ kind: "reaction", text: "?", about }), {
      code: "RELATION_UNKNOWN",
    });
  });

  test("goes on over new keys and new members, who read nothing of what was before", async () => {
    const { room: chat, alice, bob } = await room(2);
    await alice.session.send(text("before"));
    await bob.session.makeKey();
    await chat.refresh();
    await alice.session.send(text("to the new key"));
    const dora = await chat.add();
    await alice.session.send(text("to all three"));
    assert.deepEqual(texts(await bob.session.openAll(chat.server.feedOf(bob.user))), [
      "before",
      "to the new key",
      "to all three",
    ]);
    assert.deepEqual(texts(await dora.session.openAll(chat.server.feedOf(dora.user))), [
      "to all three",
    ]);
  });

  test("has edits for those who have the message, and not for who came later", async () => {
    const { room: chat, alice, bob } = await room(2);
    const group = await alice.session.send(text("early"));
    const dora = await chat.add();
    await alice.session.send(text("later"));
    await alice.session.edit(group, "early, mended");
    const readings = await bob.session.openAll(chat.server.feedOf(bob.user));
    assert.deepEqual(texts(readings), ["early", "later", "early, mended"]);
    const doras = await dora.session.openAll(chat.server.feedOf(dora.user));
    assert.deepEqual(texts(doras), ["later"]);
  });

  test("can be reported: the words are held against what was stored", async () => {
    const { room: chat, alice, bob } = await room(2);
    const group = await alice.session.send(text("an insult"));
    const { evidence } = await bob.session.open(chat.copyFor(bob, group));
    const stored = chat.copyFor(alice, group).commitment;
    assert.deepEqual(verifyReport(evidence, stored).body, text("an insult"));
  });

  test("sends nothing before the members are known, nor too much at once", async () => {
    const { room: chat, alice } = await room(2);
    const fresh = chat.deviceOf(alice, false);
    await fresh.loadKeys();
    await assert.rejects(fresh.send(text("x")), { code: "KEYS_MISSING" });
    const sends = Array.from({ length: 65 }, (_, index) => alice.session.send(text(`${index}`)));
    const outcomes = await Promise.allSettled(sends);
    const failed = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(failed.length, 1);
  });
});

describe("a send that failed", () => {
  test("leaves no gap when it did not arrive", async () => {
    const { room: chat, alice, bob } = await room(2);
    await alice.session.send(text("one"));
    chat.server.nextFailure = { error: new Error("lost"), isTaken: false };
    await assert.rejects(alice.session.send(text("two")), /lost/);
    await alice.session.send(text("three"));
    assert.deepEqual(texts(await bob.session.openAll(chat.server.feedOf(bob.user))), [
      "one",
      "three",
    ]);
  });

  test("leaves no gap when it did arrive", async () => {
    const { room: chat, alice, bob } = await room(2);
    await alice.session.send(text("one"));
    chat.server.nextFailure = { error: new Error("no answer"), isTaken: true };
    await assert.rejects(alice.session.send(text("two")), /no answer/);
    await alice.session.send(text("three"));
    const all = ["one", "two", "three"];
    assert.deepEqual(texts(await bob.session.openAll(chat.server.feedOf(bob.user))), all);
    assert.deepEqual(texts(await alice.session.openAll(chat.server.feedOf(alice.user))), all);
  });
});

describe("a gap", () => {
  test("is passed when the person knows, and what was missing may still come", async () => {
    const { room: chat, alice, bob } = await room(2);
    for (const words of ["one", "two", "three", "four"]) await alice.session.send(text(words));
    const [one, two, three, four] = chat.server.feedOf(bob.user);
    await bob.session.open(one!);
    await assert.rejects(bob.session.open(three!), { code: "COPY_MISSING" });
    assert.equal((await bob.session.open(three!, true)).standing, "gap");
    assert.equal((await bob.session.open(four!)).standing, "joined");
    assert.equal((await bob.session.open(two!)).standing, "joined");
  });

  test("is none where messages disappear by themselves", async () => {
    const { room: chat, alice, bob } = await room(2);
    await alice.session.send(text("stays"));
    const fading = await alice.session.send(text("fades"), 60);
    await alice.session.send(text("stays too"));
    const left = chat.server.feedOf(bob.user).filter((copy) => copy.message_group !== fading);
    assert.deepEqual(texts(await bob.session.openAll(left)), ["stays", "stays too"]);
  });

  test("is none between a sender's two devices", async () => {
    const { room: chat, alice, bob } = await room(2);
    await alice.session.send(text("one"));
    const second = chat.deviceOf(alice, true);
    await second.loadKeys();
    await second.refreshMembers();
    await alice.session.send(text("from the first"));
    await second.send(text("from the second"));
    await second.openAll(chat.server.feedOf(alice.user).slice(1));
    await second.send(text("after both"));
    assert.deepEqual(texts(await bob.session.openAll(chat.server.feedOf(bob.user))), [
      "one",
      "from the first",
      "from the second",
      "after both",
    ]);
  });
});

describe("history", () => {
  /** Ten messages of Alice's, of which the fourth was edited and the sixth deleted. */
  async function written() {
    const scene = await room(2);
    const { room: chat, alice, bob } = scene;
    const groups: string[] = [];
    for (let index = 0; index < 10; index++) {
      groups.push(await alice.session.send(text(`${index}`)));
    }
    await alice.session.edit(groups[3]!, "3, mended");
    await alice.session.send({ kind: "deletion", about: groups[5]! });
    const history = chat.server
      .historyOf(bob.user)
      .filter(({ message_group }) => message_group !== groups[5]);
    return { ...scene, groups, history };
  }

  test("is read by a second device, page by page, from the newest", async () => {
    const { room: chat, alice, groups } = await written();
    const history = chat.server
      .historyOf(alice.user)
      .filter(({ message_group }) => message_group !== groups[5]);
    const device = chat.deviceOf(alice, false);
    await device.loadKeys();
    await device.refreshMembers();
    const newest = await device.openPage(history.slice(5), false);
    assert.deepEqual(texts(newest.readings), ["6", "7", "8", "9", "deletion"]);
    const older = await device.openPage(history.slice(0, 5), true);
    assert.deepEqual(texts(older.readings), ["0", "1", "2", "3, mended", "4"]);
    assert.deepEqual([...newest.gaps, ...older.gaps], []);
    device.confirmDeletion(groups[5]!, alice.user);
    await device.send(text("from the new device"));
    const copy = chat.server.feedOf(alice.user).at(-1)!;
    assert.equal((await alice.session.open(copy)).standing, "joined");
  });

  test("shows what is missing within a page and between two", async () => {
    const { room: chat, bob, history } = await written();
    const gappy = history.filter((_, at) => at !== 6);
    const device = chat.deviceOf(bob, false);
    await device.loadKeys();
    await device.refreshMembers();
    const page = await device.openPage(gappy, false);
    assert.deepEqual(texts(page.readings).slice(5), ["6", "COPY_MISSING", "9", "deletion"]);
    const accepted = await device.openPage(gappy, false, true);
    assert.deepEqual(texts(accepted.readings).slice(5), ["6", "8", "9", "deletion"]);

    const other = chat.deviceOf(bob, false);
    await other.loadKeys();
    await other.refreshMembers();
    await other.openPage(history.slice(7), false);
    const older = await other.openPage(history.slice(4, 6), true);
    assert.deepEqual(
      older.gaps.map(({ code }) => code),
      ["COPY_MISSING"],
    );
  });

  test("may be read again, but shows no older versions and no changed order", async () => {
    const { room: chat, bob, history, groups } = await written();
    await bob.session.openPage(history, false);
    const again = await bob.session.openPage(history, false);
    assert.deepEqual(
      texts(again.readings),
      texts((await bob.session.openPage(history, false)).readings),
    );
    assert.deepEqual(again.gaps, []);
    const original = chat.server
      .feedOf(bob.user)
      .find(({ message_group }) => message_group === groups[3])!;
    const lowered = history.map((copy) => (copy.message_group === groups[3] ? original : copy));
    const { readings } = await bob.session.openPage(lowered, false);
    assert.equal(texts(readings)[3], "EDIT_OLDER");

    const device = chat.deviceOf(bob, false);
    await device.loadKeys();
    await device.refreshMembers();
    const swapped = [...history.slice(0, 7), history[8]!, history[7]!, ...history.slice(9)];
    const page = await device.openPage(swapped, false);
    assert.ok(texts(page.readings).includes("COPY_MISSING"));
    const twice = await device.openPage([history[0]!, history[0]!], false);
    assert.equal(texts(twice.readings)[1], "COPY_REPLAYED");
  });

  test("is remembered over a restart, without a word of what was said", async () => {
    const { room: chat, alice, bob, history } = await written();
    await bob.session.openPage(history, false);
    const memory = JSON.stringify(bob.session.export());
    assert.ok(!memory.includes("mended"));
    const restarted = chat.deviceOf(bob, true);
    await restarted.loadKeys();
    await restarted.refreshMembers();
    await assert.rejects(restarted.open(history[0]!), { code: "COPY_REPLAYED" });
    await alice.session.send(text("dropped"));
    const group = await alice.session.send(text("next"));
    await assert.rejects(restarted.open(chat.copyFor(bob, group)), { code: "COPY_MISSING" });
  });
});
