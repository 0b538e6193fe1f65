import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Database } from "../../src/core/database.ts";
import { StoaError } from "../../src/core/errors.ts";
import type { Message, Sent } from "../../src/modules/chat/types.ts";
import { type ChatFixture, createChatFixture, type Somebody } from "../support/chat-fixture.ts";
import { type DatabasePlace, freshPostgres, SERVER_URL } from "../support/database.ts";

const skip = SERVER_URL === undefined && "races need a PostgreSQL server: set DATABASE_URL";
const TRIES_MAX = 200;
const REFUSED_IN_RACES = new Set([
  "RECIPIENTS_DIFFER",
  "EPOCH_DIFFERS",
  "KEYS_STALE",
  "CONVERSATION_NOT_READY",
  "CONVERSATION_NOT_FOUND",
]);

describe("conversations on two nodes", { skip }, () => {
  let place: DatabasePlace;
  let databases: Database[];
  let nodes: readonly [ChatFixture, ChatFixture];
  before(async () => {
    place = await freshPostgres(SERVER_URL ?? "");
    const exchange: MemoryExchange = new Set();
    databases = [await place.open(), await place.open()];
    const [first, second] = databases;
    if (first === undefined || second === undefined) throw new Error("There are two nodes.");
    nodes = [
      await createChatFixture({ exchange, database: first }),
      await createChatFixture({ exchange, database: second }),
    ];
  });
  after(async () => {
    for (const node of nodes ?? []) await node[Symbol.asyncDispose]();
    for (const database of databases ?? []) await database.close();
    await place?.[Symbol.asyncDispose]();
  });
  const node = (at: number) => nodes[at % 2] ?? nodes[0];

  /** Resolves to null where the race was lost, as it may be. */
  const trying = async <T>(call: Promise<T>): Promise<T | null> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof StoaError && REFUSED_IN_RACES.has(error.code)) return null;
      throw error;
    }
  };

  async function people(count: number): Promise<Somebody[]> {
    return Promise.all(Array.from({ length: count }, () => nodes[0].newMember()));
  }

  test("no message has a copy for one who was no member of its epoch, and none lacks one", async () => {
    const all = await people(6);
    const [owner, ...others] = all;
    const senders = others.slice(0, 3);
    const moving = others.slice(3);
    if (owner === undefined) throw new Error("A conversation has an owner.");
    const id = await nodes[0].converse([owner, ...senders]);
    const going = new AbortController();
    let sent = 0;
    const send = async (at: number, as: Somebody) => {
      while (!going.signal.aborted) {
        const message = await trying(node(at).compose(id, as));
        if (message === null) continue;
        if ((await trying(node(at).call("chat.sendMessage", message, as))) !== null) sent += 1;
      }
    };
    const move = async (at: number, who: Somebody) => {
      const userId = who.accountId;
      for (let round = 0; round < 8; round += 1) {
        await node(at).call("chat.addMembers", { conversation_id: id, user_ids: [userId] }, owner);
        await node(at + 1).setKeys(id, who);
        // Somebody else may wait for a key just now; in the end all of them have one.
        const soFar = sent;
        for (let tries = 0; sent < soFar + 3 && tries < TRIES_MAX; tries += 1) {
          if ((await trying(node(at).send(id, owner))) !== null) sent += 1;
        }
        if (round % 2 === 0) {
          const member = { conversation_id: id, user_id: userId };
          await node(at + 1).call("chat.removeMember", member, owner);
        } else {
          await node(at).call("chat.leave", { conversation_id: id }, who);
        }
      }
    };
    const sending = senders.map((as, at) => send(at, as));
    await Promise.all(moving.map((who, at) => move(at, who)));
    going.abort();
    await Promise.all(sending);

    const { rows: wrong } = await sql<{ what: string }>`
      with expected as (
        select groups.sequence, member.account_id
        from chat_message_groups as groups join chat_members as member
          on member.conversation_id = groups.conversation_id
          and groups.epoch >= member.epoch_joined
          and (member.epoch_left is null or groups.epoch < member.epoch_left)
        where groups.conversation_id = ${id}
      ), made as (
        select sequence, recipient_id as account_id from chat_messages
        where conversation_id = ${id}
      )
      select 'missing' as what from (select * from expected except select * from made) as missing
      union all
      select 'extra' from (select * from made except select * from expected) as extra
    `.execute((databases[0] as Database).single().as());
    assert.deepEqual(wrong, []);
    const { rows: epochs } = await sql`
      select distinct epoch from chat_message_groups where conversation_id = ${id}
    `.execute((databases[0] as Database).single().as());
    assert.ok(sent > 10 && epochs.length > 3, `${sent} messages in ${epochs.length} epochs`);
  });

  test("two who begin their private conversation at once have one", async () => {
    for (let round = 0; round < 20; round += 1) {
      const [ann, ben] = await people(2);
      if (ann === undefined || ben === undefined) throw new Error("They are two.");
      const begin = (at: number, as: Somebody, other: Somebody) =>
        node(at).call(
          "chat.createConversation",
          { private: true, user_ids: [other.accountId] },
          as,
        );
      const made = await Promise.all([
        begin(0, ann, ben),
        begin(1, ben, ann),
        begin(1, ann, ben),
        begin(0, ben, ann),
      ]);
      assert.equal(new Set(made.map(({ conversation }) => conversation.id)).size, 1);
      assert.equal(made.filter(({ created }) => created).length, 1);
      for (const { members } of made) assert.equal(members.length, 2);
    }
  });

  test("a message that is sent on both nodes at once is one", async () => {
    const [ann, ben] = await people(2);
    if (ann === undefined || ben === undefined) throw new Error("They are two.");
    const id = await nodes[0].converse([ann, ben]);
    for (let round = 0; round < 20; round += 1) {
      const message = await nodes[0].compose(id, ann);
      const other = { ...(await nodes[0].compose(id, ann)), message_group: message.message_group };
      const outcomes: PromiseSettledResult<Sent>[] = await Promise.allSettled([
        node(0).call("chat.sendMessage", message, ann),
        node(1).call("chat.sendMessage", message, ann),
        node(1).call("chat.sendMessage", other, ann),
        node(0).call("chat.sendMessage", other, ann),
      ]);
      const fine = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(fine.length, 2);
      assert.deepEqual(fine[0], fine[1]);
      for (const one of outcomes) {
        if (one.status === "rejected") assert.equal(one.reason.code, "MESSAGE_DIFFERS");
      }
    }
    const page = { conversation_id: id, page_size: 100 };
    const { items } = await nodes[0].call("chat.messages", page, ben);
    assert.equal(items.length, 20);
  });

  test("a walk through the pages shows what was there throughout exactly once", async () => {
    const [ann, ben] = await people(2);
    if (ann === undefined || ben === undefined) throw new Error("They are two.");
    const id = await nodes[0].converse([ann, ben]);
    const kept: string[] = [];
    const doomed: string[] = [];
    for (let at = 0; at < 120; at += 1) {
      const { message_group: group } = await nodes[0].send(id, ann);
      (at % 3 === 0 ? doomed : kept).push(group);
    }
    const walked = new AbortController();
    const insert = async () => {
      while (!walked.signal.aborted) await nodes[1].send(id, ann);
    };
    const expire = async () => {
      // As the job that deletes what has disappeared does, whatever its time.
      for (const group of doomed) {
        await (databases[1] as Database).statement((tx) =>
          sql`
            with gone as (
              delete from chat_message_groups where conversation_id = ${id} and id = ${group}
              returning sequence
            )
            delete from chat_messages using gone
            where conversation_id = ${id} and chat_messages.sequence = gone.sequence
          `.execute(tx.as()),
        );
      }
    };
    const walk = async () => {
      const items: Message[] = [];
      let token: string | null = null;
      do {
        const page: { items: Message[]; page_token: string | null } = await nodes[0].call(
          "chat.messages",
          { conversation_id: id, page_size: 7, ...(token === null ? {} : { page_token: token }) },
          ben,
        );
        items.push(...page.items);
        token = page.page_token;
      } while (token !== null);
      return items.map(({ message_group: group }) => group);
    };
    const inserting = [insert(), insert()];
    const [seen] = await Promise.all([walk(), expire()]);
    const again = await walk();
    walked.abort();
    await Promise.all(inserting);
    for (const walkSeen of [seen, again]) {
      assert.equal(new Set(walkSeen).size, walkSeen.length);
      const known = new Set(kept);
      assert.deepEqual(walkSeen.filter((group) => known.has(group)).reverse(), kept);
    }
    assert.ok(!again.some((group) => doomed.includes(group)));
  });

  test("keys that change while messages are sent leave none that nobody can open", async () => {
    const [ann, ben] = await people(2);
    if (ann === undefined || ben === undefined) throw new Error("They are two.");
    const id = await nodes[0].converse([ann, ben]);
    const rotated = new AbortController();
    const send = async (at: number) => {
      while (!rotated.signal.aborted) await trying(node(at).send(id, ann));
    };
    const sending = [send(0), send(1)];
    for (let round = 0; round < 10; round += 1) {
      await node(round).setKeys(id, ben);
      await trying(node(round + 1).send(id, ann));
    }
    rotated.abort();
    await Promise.all(sending);
    const page = { conversation_id: id, page_size: 100 };
    const { items } = await nodes[0].call("chat.messages", page, ben);
    const versions = items.map(({ key_version: version }) => version).reverse();
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    );
    assert.ok(new Set(versions).size > 1);
  });
});
