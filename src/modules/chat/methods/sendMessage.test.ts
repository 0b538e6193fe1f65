import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, test } from "node:test";
import {
  contentFor,
  copiesFor,
  createChatFixture,
  randomText,
  stateOf,
} from "../../../../test/support/chat-fixture.ts";

const chat = await createChatFixture();
after(() => chat[Symbol.asyncDispose]());

const group = async (count: number) => {
  const people = await Promise.all(Array.from({ length: count }, () => chat.newMember()));
  const [ann, ben, cleo] = people;
  if (ann === undefined || ben === undefined) throw new Error("A group has members.");
  return { id: await chat.converse(people), people, ann, ben, cleo: cleo ?? ben };
};

describe("chat.sendMessage", () => {
  test("keeps one ciphertext a member, and pushes each his own", async () => {
    const { id, people, ann } = await group(3);
    const followers = await Promise.all(
      people.map((person) => chat.follow("chat.conversation", { conversation_id: id }, person)),
    );
    const message = await chat.compose(id, ann);
    const sent = await chat.call("chat.sendMessage", message, ann);
    assert.equal(sent.message_group, message.message_group);
    for (const [at, person] of people.entries()) {
      const own = message.messages.find(({ recipient }) => recipient === person.accountId);
      const { items } = await chat.call("chat.messages", { conversation_id: id }, person);
      const [item] = items;
      assert.equal(item?.content, own?.content);
      assert.deepEqual([item?.sender, item?.key_version], [ann.accountId, 1]);
      assert.deepEqual(followers[at]?.of("chat.new_message"), [item]);
    }
  });

  test("answers a repeat alike, and refuses another message of the same name", async () => {
    const { id, ann, ben } = await group(2);
    const message = await chat.compose(id, ann);
    const sent = await chat.call("chat.sendMessage", message, ann);
    assert.deepEqual(await chat.call("chat.sendMessage", message, ann), sent);
    const other = { ...message, commitment: randomText(32) };
    await assert.rejects(chat.call("chat.sendMessage", other, ann), { code: "MESSAGE_DIFFERS" });
    await assert.rejects(chat.call("chat.sendMessage", message, ben), { code: "MESSAGE_DIFFERS" });
    const { items } = await chat.call("chat.messages", { conversation_id: id }, ben);
    assert.equal(items.length, 1);
  });

  test("is one message where the same call comes many times at once", async () => {
    const { id, ann } = await group(2);
    const message = await chat.compose(id, ann);
    const sent = await Promise.all(
      [1, 2, 3, 4].map(() => chat.call("chat.sendMessage", message, ann)),
    );
    for (const one of sent) assert.deepEqual(one, sent[0]);
    const { items } = await chat.call("chat.messages", { conversation_id: id }, ann);
    assert.equal(items.length, 1);
  });

  test("refuses a wrong set of recipients, and says which", async () => {
    const { id, ann, ben } = await group(3);
    const stranger = await chat.newMember();
    const whole = await chat.compose(id, ann);
    const messages = whole.messages
      .filter(({ recipient }) => recipient !== ben.accountId)
      .concat({ recipient: stranger.accountId, content: contentFor(randomText(32)) });
    await assert.rejects(chat.call("chat.sendMessage", { ...whole, messages }, ann), {
      code: "RECIPIENTS_DIFFER",
      kind: "conflict",
      data: { missing: [ben.accountId], extra: [stranger.accountId], epoch: 1 },
    });
    const { items } = await chat.call("chat.messages", { conversation_id: id }, ann);
    assert.deepEqual(items, []);
  });

  test("refuses what is for an old key, or of an old epoch", async () => {
    const { id, ann, ben } = await group(2);
    const message = await chat.compose(id, ann);
    await chat.setKeys(id, ben);
    await assert.rejects(chat.call("chat.sendMessage", message, ann), {
      code: "KEYS_STALE",
      data: { stale: [ben.accountId] },
    });
    const messages = copiesFor(await chat.members(id, ann));
    await assert.rejects(chat.call("chat.sendMessage", { ...message, messages, epoch: 7 }, ann), {
      code: "EPOCH_DIFFERS",
      data: { epoch: 1 },
    });
    await chat.call("chat.sendMessage", { ...message, messages }, ann);
    const { items } = await chat.call("chat.messages", { conversation_id: id }, ben);
    assert.equal(items[0]?.key_version, 2);
  });

  test("waits until everybody has a key", async () => {
    const [ann, ben] = [await chat.newMember(), await chat.newMember()];
    const { conversation, ready } = await chat.call(
      "chat.createConversation",
      { private: true, user_ids: [ben.accountId] },
      ann,
    );
    assert.equal(ready, false);
    const { id } = conversation;
    await chat.setKeys(id, ann);
    const following = await chat.follow("chat.conversation", { conversation_id: id }, ann);
    const message = await chat.compose(id, ann);
    await assert.rejects(chat.call("chat.sendMessage", message, ann), {
      code: "CONVERSATION_NOT_READY",
      data: { user_ids: [ben.accountId] },
    });
    await chat.setKeys(id, ben);
    assert.deepEqual(following.of("chat.ready"), [{ conversation_id: id, epoch: 1, ready: true }]);
    await chat.send(id, ann);
  });

  test("refuses those who are not members alike, whether there is a conversation or not", async () => {
    const { id, ann, ben } = await group(3);
    const message = await chat.compose(id, ann);
    const stranger = await chat.newMember();
    const refusal = { code: "CONVERSATION_NOT_FOUND", data: undefined };
    await assert.rejects(chat.call("chat.sendMessage", message, stranger), refusal);
    const nowhere = { ...message, conversation_id: randomUUID() };
    await assert.rejects(chat.call("chat.sendMessage", nowhere, stranger), refusal);
    await chat.call("chat.leave", { conversation_id: id }, ben);
    await assert.rejects(chat.call("chat.sendMessage", message, ben), refusal);
  });

  test("refuses content that is not base64url, too short or too long", async () => {
    const { id, ann } = await group(2);
    const message = await chat.compose(id, ann);
    const key = (await chat.members(id, ann))[0]?.public_key ?? "";
    const bad = [
      "Hello",
      "",
      `${contentFor(key)}=`,
      "A".repeat(300),
      contentFor(key, 6_136),
      "AQ=+",
    ];
    for (const content of bad) {
      const messages = message.messages.map((copy) => ({ ...copy, content }));
      await assert.rejects(
        chat.call("chat.sendMessage", { ...message, messages }, ann),
        { code: "INVALID_INPUT" },
        content,
      );
    }
    const largest = message.messages.map(({ recipient, content }) => ({
      recipient,
      content: content.slice(0, 12).padEnd(8_192, "A"),
    }));
    await chat.call("chat.sendMessage", { ...message, messages: largest }, ann);
  });

  test("stops between two of whom one has blocked the other", async () => {
    const [ann, ben] = [await chat.newMember(), await chat.newMember()];
    const id = await chat.converse([ann, ben], { private: true });
    await chat.call("chat.block", { user_id: ann.accountId }, ben);
    await assert.rejects(chat.send(id, ann), { code: "CONVERSATION_BLOCKED" });
    await assert.rejects(chat.send(id, ben), { code: "CONVERSATION_BLOCKED" });
    await chat.call("chat.unblock", { user_id: ann.accountId }, ben);
    await chat.send(id, ann);
  });

  test("hands who comes back what he missed", async () => {
    const { id, ann, ben } = await group(2);
    const first = await chat.send(id, ann);
    const before = await chat.follow("chat.conversation", { conversation_id: id }, ben);
    const seen = stateOf(before, "chat.conversation").last_changed;
    assert.equal(seen, first.sequence);
    before.stream.close();
    const second = await chat.send(id, ann);
    await chat.call(
      "chat.deleteMessage",
      { conversation_id: id, message_group: first.message_group },
      ann,
    );
    const input = { conversation_id: id, last_seen: seen };
    const again = await chat.follow("chat.conversation", input, ben);
    const { missed } = stateOf(again, "chat.conversation");
    assert.deepEqual(
      missed?.map(({ message_group: name, deleted }) => [name, deleted]),
      [
        [second.message_group, false],
        [first.message_group, true],
      ],
    );
    const { position } = before.stream.opened;
    const recovered = await chat.follow(
      "chat.conversation",
      { conversation_id: id, ...position },
      ben,
    );
    assert.ok(recovered.stream.opened.recovered);
    const [pushed] = recovered.stream.opened.missed;
    const { items } = await chat.call("chat.messages", { conversation_id: id }, ben);
    assert.deepEqual(pushed?.data, items[0]);
  });
});
