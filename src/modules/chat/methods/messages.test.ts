import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, test } from "node:test";
import {
  committed,
  copiesFor,
  createChatFixture,
  randomText,
  type Somebody,
} from "../../../../test/support/chat-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";

const clock = createManualClock(1_700_000_000_000);
const chat = await createChatFixture({ clock });
after(() => chat[Symbol.asyncDispose]());

async function two() {
  const [ann, ben] = [await chat.newMember("Ann"), await chat.newMember("Ben")];
  const id = await chat.converse([ann, ben]);
  return { ann, ben, id, input: { conversation_id: id } };
}

const items = async (id: string, as: Somebody) =>
  (await chat.call("chat.messages", { conversation_id: id }, as)).items;

describe("chat.updateMessage", () => {
  test("puts new ciphertexts in the place of the old ones", async () => {
    const { ann, ben, id, input } = await two();
    const sent = await chat.send(id, ann);
    const following = await chat.follow("chat.conversation", input, ben);
    clock.advance(1_000);
    const edit = {
      ...input,
      message_group: sent.message_group,
      edit: 1,
      commitment: randomText(32),
      messages: copiesFor(await chat.members(id, ann)),
    };
    await assert.rejects(chat.call("chat.updateMessage", edit, ben), { code: "NOT_SENDER" });
    const edited = await chat.call("chat.updateMessage", edit, ann);
    assert.equal(edited.sequence, sent.sequence);
    assert.ok(edited.changed > sent.sequence);
    assert.deepEqual(await chat.call("chat.updateMessage", edit, ann), edited);
    const [item] = await items(id, ben);
    const own = edit.messages.find(({ recipient }) => recipient === ben.accountId);
    assert.deepEqual(
      [item?.content, item?.edit, item?.commitment, item?.inserted_at === item?.updated_at],
      [own?.content, 1, edit.commitment, false],
    );
    assert.deepEqual(following.of("chat.message_updated"), [item]);
    const again = { ...edit, commitment: randomText(32) };
    await assert.rejects(chat.call("chat.updateMessage", again, ann), {
      code: "EDIT_DIFFERS",
      data: { edit: 2 },
    });
    const elsewhere = { ...again, edit: 2, message_group: randomUUID() };
    await assert.rejects(chat.call("chat.updateMessage", elsewhere, ann), {
      code: "MESSAGE_NOT_FOUND",
    });
  });

  test("is for those who have the message before, and destroys other copies", async () => {
    const { ann, ben, id, input } = await two();
    const cleo = await chat.newMember();
    const sent = await chat.send(id, ann);
    await chat.call("chat.addMembers", { ...input, user_ids: [cleo.accountId] }, ann);
    await chat.setKeys(id, cleo);
    const members = await chat.members(id, ann);
    const edit = {
      ...input,
      message_group: sent.message_group,
      edit: 1,
      commitment: randomText(32),
      messages: copiesFor(members),
    };
    await assert.rejects(chat.call("chat.updateMessage", edit, ann), {
      code: "RECIPIENTS_DIFFER",
      data: { missing: [], extra: [cleo.accountId], epoch: 1 },
    });
    await chat.call("chat.leave", input, ben);
    const own = members.filter(({ user_id: userId }) => userId === ann.accountId);
    await chat.call("chat.updateMessage", { ...edit, messages: copiesFor(own) }, ann);
    await chat.call("chat.addMembers", { ...input, user_ids: [ben.accountId] }, ann);
    assert.deepEqual(await items(id, ben), []);
    assert.deepEqual(await items(id, cleo), []);
  });
});

describe("chat.deleteMessage", () => {
  test("destroys the ciphertexts and leaves a place", async () => {
    const { ann, ben, id, input } = await two();
    const sent = await chat.send(id, ann);
    const following = await chat.follow("chat.conversation", input, ben);
    const place = { ...input, message_group: sent.message_group };
    await assert.rejects(chat.call("chat.deleteMessage", place, ben), { code: "NOT_SENDER" });
    const deleted = await chat.call("chat.deleteMessage", place, ann);
    assert.deepEqual(await chat.call("chat.deleteMessage", place, ann), deleted);
    for (const person of [ann, ben]) {
      const [item] = await items(id, person);
      assert.deepEqual([item?.content, item?.deleted], ["", true]);
    }
    assert.equal(following.of("chat.message_deleted").length, 1);
    const edit = {
      ...place,
      edit: 1,
      commitment: randomText(32),
      messages: copiesFor(await chat.members(id, ann)),
    };
    await assert.rejects(chat.call("chat.updateMessage", edit, ann), { code: "MESSAGE_DELETED" });
  });
});

describe("messages that disappear", () => {
  test("are shown until their time, and then are nowhere", async () => {
    const { ann, ben, id, input } = await two();
    const lasting = await chat.send(id, ann);
    await chat.call("chat.setDisappearing", { ...input, seconds: 30 }, ben);
    await chat.send(id, ann);
    const file = await chat.call("chat.putAttachment", { ...input, content: "AAAA" }, ann);
    assert.equal((await items(id, ben)).length, 2);
    clock.advance(30_000);
    const [only, ...others] = await items(id, ben);
    assert.deepEqual([only?.message_group, others], [lasting.message_group, []]);
    await assert.rejects(chat.call("chat.getAttachment", { attachment_id: file.id }, ben), {
      code: "ATTACHMENT_NOT_FOUND",
    });
    await chat.runJob("chat.disappear");
    clock.jump(-30_000);
    assert.equal((await items(id, ben)).length, 1);
    clock.jump(30_000);
    await chat.call("chat.setDisappearing", { ...input, seconds: null }, ben);
    await chat.send(id, ann);
    assert.equal((await items(id, ann))[0]?.expires_at, null);
  });
});

describe("chat.messages", () => {
  test("leafs from the newest to the oldest", async () => {
    const { ann, ben, id, input } = await two();
    const sent: string[] = [];
    for (let at = 0; at < 5; at += 1) sent.unshift((await chat.send(id, ann)).message_group);
    const page = { ...input, page_size: 2 };
    const first = await chat.call("chat.messages", page, ben);
    const token = first.page_token ?? "";
    const second = await chat.call("chat.messages", { ...page, page_token: token }, ben);
    const last = await chat.call(
      "chat.messages",
      { ...page, page_size: 1, page_token: second.page_token ?? "" },
      ben,
    );
    assert.equal(last.page_token, null);
    assert.deepEqual(
      [first, second, last].flatMap((one) => one.items.map((item) => item.message_group)),
      sent,
    );
  });

  test("takes no token of another person, conversation or list, and none that was changed", async () => {
    const { ann, ben, id, input } = await two();
    const other = await chat.converse([ann, ben]);
    await chat.send(id, ann);
    await chat.send(id, ann);
    const page = { ...input, page_size: 1 };
    const { page_token: given } = await chat.call("chat.messages", page, ben);
    const token = given ?? "";
    const refusal = { code: "PAGE_TOKEN_INVALID", kind: "invalid_input" };
    const foreign = { ...page, page_token: token };
    await assert.rejects(chat.call("chat.messages", foreign, ann), refusal);
    const elsewhere = { ...foreign, conversation_id: other };
    await assert.rejects(chat.call("chat.messages", elsewhere, ben), refusal);
    await assert.rejects(chat.call("chat.users", { page_token: token }, ben), refusal);
    const changed = `${token.slice(0, 9)}${token[9] === "A" ? "B" : "A"}${token.slice(10)}`;
    for (const made of [changed, token.slice(1), "A", "A".repeat(32)]) {
      await assert.rejects(
        chat.call("chat.messages", { ...page, page_token: made }, ben),
        refusal,
        made,
      );
    }
  });
});

describe("chat.markRead", () => {
  test("moves forward only, and tells nobody if one tells nobody", async () => {
    const { ann, ben, id, input } = await two();
    const first = await chat.send(id, ann);
    const second = await chat.send(id, ann);
    const following = await chat.follow("chat.conversation", input, ann);
    const mark = (group: string) =>
      chat.call("chat.markRead", { ...input, message_group: group }, ben);
    assert.equal((await mark(second.message_group)).read_sequence, second.sequence);
    assert.equal((await mark(first.message_group)).read_sequence, second.sequence);
    assert.equal(following.of("chat.read").length, 1);
    const readOfBen = async () => {
      const members = await chat.members(id, ann);
      return members.find(({ user_id: userId }) => userId === ben.accountId)?.read_sequence;
    };
    assert.equal(await readOfBen(), second.sequence);
    await chat.call("chat.updateProfile", { read_markers: false }, ben);
    const third = await chat.send(id, ann);
    assert.equal((await mark(third.message_group)).read_sequence, third.sequence);
    assert.equal(following.of("chat.read").length, 1);
    assert.equal(await readOfBen(), 0);
  });
});

describe("chat.report", () => {
  test("takes what the commitment proves, and nothing else", async () => {
    const { ann, ben, id, input } = await two();
    const words = committed("Give me your lunch.");
    const { commitment } = words;
    const message = await chat.compose(id, ann, { commitment });
    await chat.call("chat.sendMessage", message, ann);
    const place = { ...input, message_group: message.message_group };
    const { body, k_f } = words;
    const { report_id: report } = await chat.call("chat.report", { ...place, body, k_f }, ben);
    const again = await chat.call("chat.report", { ...place, body, k_f }, ben);
    assert.equal(again.report_id, report);
    const others = committed("Have my lunch.");
    const refusal = { code: "COMMITMENT_DIFFERS", kind: "rejected" };
    const lie = { ...place, body: others.body, k_f: others.k_f };
    await assert.rejects(chat.call("chat.report", lie, ben), refusal);
    const stranger = await chat.newMember();
    await assert.rejects(chat.call("chat.report", { ...place, body, k_f }, stranger), {
      code: "CONVERSATION_NOT_FOUND",
    });
  });
});
