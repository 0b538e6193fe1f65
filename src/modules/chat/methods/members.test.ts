import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, test } from "node:test";
import { createChatFixture, stateOf } from "../../../../test/support/chat-fixture.ts";

const chat = await createChatFixture();
after(() => chat[Symbol.asyncDispose]());
const refusal = { code: "CONVERSATION_NOT_FOUND" };

async function three() {
  const [ann, ben, cleo] = [
    await chat.newMember("Ann"),
    await chat.newMember("Ben"),
    await chat.newMember("Cleo"),
  ];
  return { ann, ben, cleo };
}

describe("chat.createConversation", () => {
  test("tells everybody, and that keys are needed", async () => {
    const { ann, ben } = await three();
    const following = await chat.follow("chat.me", {}, ben);
    const input = { private: false, user_ids: [ben.accountId], alias: " Besties " };
    const made = await chat.call("chat.createConversation", input, ann);
    assert.deepEqual(
      [made.conversation.alias, made.epoch, made.ready, made.created],
      ["Besties", 1, false, true],
    );
    assert.deepEqual(
      made.members.map(({ user_id: id, owner, public_key: key }) => [id, owner, key]).toSorted(),
      [
        [ann.accountId, true, null],
        [ben.accountId, false, null],
      ].toSorted(),
    );
    const id = made.conversation.id;
    assert.equal(following.of("chat.conversation_created").length, 1);
    assert.deepEqual(following.of("chat.keys_needed"), [{ conversation_id: id, key_version: 1 }]);
  });

  test("answers the first private conversation a second time", async () => {
    const { ann, ben } = await three();
    const first = await chat.call(
      "chat.createConversation",
      { private: true, user_ids: [ben.accountId] },
      ann,
    );
    const second = await chat.call(
      "chat.createConversation",
      { private: true, user_ids: [ann.accountId, ben.accountId] },
      ben,
    );
    assert.deepEqual(second, { ...first, created: false });
    const found = await chat.call("chat.findPrivate", { user_id: ann.accountId }, ben);
    assert.equal(found.conversation_id, first.conversation.id);
  });

  test("refuses who is unknown and who has blocked one alike", async () => {
    const { ann, ben, cleo } = await three();
    const unknown = randomUUID();
    await chat.call("chat.block", { user_id: ann.accountId }, ben);
    for (const isPrivate of [true, false]) {
      for (const userId of [unknown, ben.accountId]) {
        const input = { private: isPrivate, user_ids: [userId] };
        await assert.rejects(chat.call("chat.createConversation", input, ann), {
          code: "USER_UNREACHABLE",
          kind: "not_found",
          data: { user_ids: [userId] },
        });
      }
    }
    const several = { private: true, user_ids: [ben.accountId, cleo.accountId] };
    const pair = { code: "PRIVATE_PAIR", kind: "invalid_input" };
    await assert.rejects(chat.call("chat.createConversation", several, ann), pair);
    const oneself = { private: true, user_ids: [ann.accountId] };
    await assert.rejects(chat.call("chat.createConversation", oneself, ann), pair);
  });
});

describe("members of a group", () => {
  test("get what is sent while they are there, and nothing else", async () => {
    const { ann, ben, cleo } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const first = await chat.send(id, ann);
    const added = await chat.call("chat.addMembers", { ...input, user_ids: [cleo.accountId] }, ben);
    assert.deepEqual([added.epoch, added.ready, added.members.length], [2, false, 3]);
    await assert.rejects(chat.send(id, ann), { code: "CONVERSATION_NOT_READY" });
    await chat.setKeys(id, cleo);
    const second = await chat.send(id, ann);
    const seen = await chat.call("chat.messages", input, cleo);
    assert.deepEqual(
      seen.items.map(({ message_group: group, epoch }) => [group, epoch]),
      [[second.message_group, 2]],
    );
    const mark = { ...input, message_group: first.message_group };
    await assert.rejects(chat.call("chat.markRead", mark, cleo), { code: "MESSAGE_NOT_FOUND" });

    const following = await chat.follow("chat.conversation", input, cleo);
    const own = await chat.follow("chat.me", {}, cleo);
    const removed = { ...input, user_id: cleo.accountId };
    await assert.rejects(chat.call("chat.removeMember", removed, ben), { code: "NOT_OWNER" });
    const rest = await chat.call("chat.removeMember", removed, ann);
    assert.deepEqual([rest.epoch, rest.ready, rest.members.length], [3, true, 2]);
    assert.equal(following.ended, true);
    assert.deepEqual(own.of("chat.conversation_removed"), [input]);
    await chat.send(id, ann);
    assert.equal(following.of("chat.new_message").length, 0);
    await assert.rejects(chat.call("chat.messages", input, cleo), refusal);
    await assert.rejects(chat.call("chat.typing", input, cleo), refusal);
    await assert.rejects(chat.follow("chat.conversation", input, cleo), refusal);
    await assert.rejects(
      chat.follow("chat.conversation", { conversation_id: randomUUID() }, cleo),
      refusal,
    );
  });

  test("need a new key when they come back, and see what they had", async () => {
    const { ann, ben } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const before = await chat.send(id, ann);
    await chat.call("chat.leave", input, ben);
    const whileAway = await chat.send(id, ann);
    const own = await chat.follow("chat.me", {}, ben);
    await chat.call("chat.addMembers", { ...input, user_ids: [ben.accountId] }, ann);
    assert.deepEqual(own.of("chat.keys_needed"), [{ ...input, key_version: 2 }]);
    await chat.setKeys(id, ben);
    const later = await chat.send(id, ann);
    const { items } = await chat.call("chat.messages", input, ben);
    assert.deepEqual(
      items.map(({ message_group: group }) => group),
      [later.message_group, before.message_group],
    );
    assert.ok(!items.some(({ message_group: group }) => group === whileAway.message_group));
  });

  test("own the group when its owner leaves; an empty one is nobody's", async () => {
    const { ann, ben, cleo } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    await chat.call("chat.addMembers", { ...input, user_ids: [cleo.accountId] }, ann);
    await chat.call("chat.leave", input, ann);
    const members = await chat.members(id, ben);
    assert.deepEqual(
      members.map(({ user_id: userId, owner }) => [userId, owner]),
      [
        [ben.accountId, true],
        [cleo.accountId, false],
      ],
    );
    await chat.call("chat.leave", input, ben);
    await chat.call("chat.leave", input, cleo);
    await assert.rejects(chat.call("chat.getKeys", input, cleo), refusal);
  });

  test("of a private conversation stay for ever", async () => {
    const { ann, ben, cleo } = await three();
    const id = await chat.converse([ann, ben], { private: true });
    const input = { conversation_id: id };
    const kept = { code: "PRIVATE_CONVERSATION", kind: "rejected" };
    await assert.rejects(
      chat.call("chat.addMembers", { ...input, user_ids: [cleo.accountId] }, ann),
      kept,
    );
    await assert.rejects(
      chat.call("chat.removeMember", { ...input, user_id: ben.accountId }, ann),
      kept,
    );
    await assert.rejects(chat.call("chat.leave", input, ann), kept);
    await assert.rejects(chat.call("chat.setAlias", { ...input, alias: "Us" }, ann), kept);
    assert.equal((await chat.members(id, ann)).length, 2);
  });

  test("are at most a hundred", async () => {
    const { ann } = await three();
    const people = await Promise.all(Array.from({ length: 100 }, () => chat.newPerson()));
    const userIds = people.map(({ accountId }) => accountId);
    const input = { private: false, user_ids: userIds };
    const full = { code: "MEMBERS_FULL", data: { max: 100 } };
    await assert.rejects(chat.call("chat.createConversation", input, ann), full);
    const { conversation } = await chat.call(
      "chat.createConversation",
      { ...input, user_ids: userIds.slice(0, 99) },
      ann,
    );
    const more = { conversation_id: conversation.id, user_ids: userIds.slice(99) };
    await assert.rejects(chat.call("chat.addMembers", more, ann), full);
  });
});

describe("what members set", () => {
  test("an alias and how long messages last are told to everybody", async () => {
    const { ann, ben } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const inside = await chat.follow("chat.conversation", input, ben);
    const own = await chat.follow("chat.me", {}, ben);
    await chat.call("chat.setAlias", { ...input, alias: "Rowers" }, ben);
    await chat.call("chat.setDisappearing", { ...input, seconds: 60 }, ann);
    for (const events of [inside, own].map((one) => one.of("chat.conversation_updated"))) {
      assert.deepEqual(
        events.map(({ disappearing_seconds: seconds }) => seconds),
        [null, 60],
      );
    }
    const state = stateOf(await chat.follow("chat.me", {}, ann), "chat.me");
    assert.deepEqual(
      state.conversations.map(({ conversation, disappearing_seconds: seconds }) => [
        conversation.alias,
        seconds,
      ]),
      [["Rowers", 60]],
    );
  });

  test("typing is told to who is there, unless one hides or says not to", async () => {
    const { ann, ben } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const following = await chat.follow("chat.conversation", input, ben);
    await chat.call("chat.typing", input, ann);
    await chat.call("chat.updateProfile", { typing: false }, ann);
    await chat.call("chat.typing", input, ann);
    await chat.call("chat.updateProfile", { typing: true, hidden: true }, ann);
    await chat.call("chat.typing", input, ann);
    assert.deepEqual(following.signals, [{ ...input, user_id: ann.accountId, typing: true }]);
  });

  test("another identity needs all keys anew", async () => {
    const { ann, ben } = await three();
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const following = await chat.follow("chat.conversation", input, ann);
    const { account_keys: keys } = await chat.call("chat.getAccountKeys", {}, ben);
    assert.ok(keys !== null);
    const identity = `${keys.identity_public_key.slice(0, -2)}AA`;
    const next = { ...keys, version: 2 };
    const wrong = { code: "ACCOUNT_KEYS_DIFFER", data: { version: 2 } };
    await assert.rejects(chat.call("chat.putAccountKeys", { ...next, version: 4 }, ben), wrong);
    await chat.call("chat.putAccountKeys", next, ben);
    assert.equal(following.of("chat.keys_set").length, 0);
    const other = { ...next, version: 3, identity_public_key: identity };
    await chat.call("chat.putAccountKeys", other, ben);
    await chat.call("chat.putAccountKeys", other, ben);
    const [told] = following.of("chat.keys_set");
    assert.ok(told !== undefined);
    const { public_key: key } = told["member"] as { public_key: string | null };
    assert.deepEqual([told["ready"], key], [false, null]);
    await assert.rejects(chat.send(id, ann), { code: "CONVERSATION_NOT_READY" });
    await chat.setKeys(id, ben);
    await chat.send(id, ann);
  });
});
