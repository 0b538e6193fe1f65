import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Output } from "../../../../client/index.ts";
import {
  createChatFixture,
  randomText,
  type Somebody,
  stateOf,
} from "../../../../test/support/chat-fixture.ts";

const chat = await createChatFixture();
after(() => chat[Symbol.asyncDispose]());

async function everybody(as: Somebody) {
  const found = new Map<string, Output<"chat.users">["items"][number]>();
  let token: string | null = null;
  do {
    const page: Output<"chat.users"> = await chat.call(
      "chat.users",
      { page_size: 3, ...(token === null ? {} : { page_token: token }) },
      as,
    );
    for (const user of page.items) {
      assert.equal(found.has(user.id), false);
      found.set(user.id, user);
    }
    token = page.page_token;
  } while (token !== null);
  return found;
}

describe("chat.users", () => {
  test("shows addresses to those who share a conversation", async () => {
    const [ann, ben] = [await chat.newMember("Ann"), await chat.newMember("Ben")];
    const cleo = await chat.newMember("Cleo");
    await chat.converse([ann, ben]);
    const found = await everybody(ann);
    assert.equal(found.get(ann.accountId)?.email, ann.email);
    assert.equal(found.get(ben.accountId)?.email, ben.email);
    assert.deepEqual(found.get(cleo.accountId), {
      id: cleo.accountId,
      email: "",
      display_name: "Cleo",
    });
  });

  test("shows no address as a name either", async () => {
    const ann = await chat.newMember("Ann");
    const dora = await chat.newPerson();
    const shown = await everybody(ann);
    assert.ok(!JSON.stringify([...shown.values()]).includes(dora.email));
  });
});

describe("chat.updateProfile", () => {
  test("changes what is given, and tells one's other devices", async () => {
    const ann = await chat.newPerson("Ann");
    const following = await chat.follow("chat.me", {}, ann);
    assert.equal(stateOf(following, "chat.me").user.theme, "day");
    const first = await chat.call("chat.updateProfile", { theme: "night", recents: ["/a"] }, ann);
    const second = await chat.call("chat.updateProfile", { magnification: 1.4, recents: [] }, ann);
    assert.deepEqual(second, { ...first, magnification: 1.4, recents: [] });
    assert.deepEqual(following.of("chat.profile_updated"), [first, second]);
    for (const magnification of [0.69, 1.41]) {
      await assert.rejects(chat.call("chat.updateProfile", { magnification }, ann), {
        code: "INVALID_INPUT",
      });
    }
  });
});

describe("chat.me", () => {
  test("is one's own only, and does not tell who there is", async () => {
    const [ann, ben] = [await chat.newPerson("Ann"), await chat.newPerson("Ben")];
    await chat.follow("chat.me", { user_id: ann.accountId }, ann);
    const refusal = { code: "TOPIC_NOT_FOUND" };
    for (const userId of [ben.accountId, "01890000-0000-7000-8000-000000000000"]) {
      await assert.rejects(chat.follow("chat.me", { user_id: userId }, ann), refusal);
    }
  });
});

describe("keys", () => {
  test("come back as they were wrapped, each version, to their owner alone", async () => {
    const [ann, ben] = [await chat.newMember("Ann"), await chat.newMember("Ben")];
    const { conversation } = await chat.call(
      "chat.createConversation",
      { private: true, user_ids: [ben.accountId] },
      ann,
    );
    const { id } = conversation;
    const wrapped = [await chat.setKeys(id, ann), await chat.setKeys(id, ann)];
    const { keys } = await chat.call("chat.getKeys", { conversation_id: id }, ann);
    assert.deepEqual(
      keys.map(({ private_key: key, key_version: version }) => [key, version]),
      wrapped.map((key, at) => [key, at + 1]),
    );
    const theirs = await chat.call("chat.getKeys", { conversation_id: id }, ben);
    assert.deepEqual(theirs.keys, []);
    const [last] = keys.slice(-1);
    assert.ok(last !== undefined);
    const { inserted_at: _, ...key } = last;
    const same = await chat.call("chat.setKeys", { conversation_id: id, ...key }, ann);
    assert.equal(same.key_version, 2);
    const other = { conversation_id: id, ...key, public_key: randomText(32) };
    await assert.rejects(chat.call("chat.setKeys", other, ann), {
      code: "KEY_VERSION_DIFFERS",
      data: { key_version: 3 },
    });
    const nobody = await chat.newPerson();
    const group = await chat.call(
      "chat.createConversation",
      { private: false, user_ids: [ben.accountId] },
      nobody,
    );
    const early = { conversation_id: group.conversation.id, ...key, key_version: 1 };
    await assert.rejects(chat.call("chat.setKeys", early, nobody), { code: "ACCOUNT_KEYS_NEEDED" });
  });
});

describe("files", () => {
  test("are for the members of their conversation, chunk by chunk", async () => {
    const [ann, ben] = [await chat.newMember("Ann"), await chat.newMember("Ben")];
    const id = await chat.converse([ann, ben]);
    const input = { conversation_id: id };
    const [first, second] = [randomText(1_000), randomText(10)];
    const made = await chat.call("chat.putAttachment", { ...input, content: first }, ann);
    assert.equal(made.chunks, 1);
    const more = { ...input, attachment_id: made.id, content: second };
    const wrong = { code: "CHUNK_DIFFERS", data: { chunk: 1 } };
    await assert.rejects(chat.call("chat.putAttachment", { ...more, chunk: 2 }, ann), wrong);
    const notFound = { code: "ATTACHMENT_NOT_FOUND" };
    await assert.rejects(chat.call("chat.putAttachment", { ...more, chunk: 1 }, ben), notFound);
    await chat.call("chat.putAttachment", { ...more, chunk: 1 }, ann);
    for (const [chunk, content] of [first, second].entries()) {
      assert.deepEqual(
        await chat.call("chat.getAttachment", { attachment_id: made.id, chunk }, ben),
        {
          id: made.id,
          conversation_id: id,
          chunk,
          chunks: 2,
          content,
        },
      );
    }
    const read = (as: Somebody, chunk = 0) =>
      chat.call("chat.getAttachment", { attachment_id: made.id, chunk }, as);
    await assert.rejects(read(ben, 2), notFound);
    await assert.rejects(read(await chat.newMember()), notFound);
    await assert.rejects(
      chat.call("chat.deleteAttachment", { attachment_id: made.id }, ben),
      notFound,
    );
    await chat.call("chat.leave", input, ben);
    await assert.rejects(read(ben), notFound);
    await chat.call("chat.deleteAttachment", { attachment_id: made.id }, ann);
    await assert.rejects(read(ann), notFound);
  });
});
