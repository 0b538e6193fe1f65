import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sql } from "kysely";
import { accountKeys, committed, createChatFixture } from "../../../test/support/chat-fixture.ts";
import { createLog } from "../../adapters/log/pino.ts";

const log: string[] = [];
const chat = await createChatFixture({
  log: createLog({ level: "debug", write: (line) => void log.push(line) }),
});
after(() => chat[Symbol.asyncDispose]());

/** Whatever the module's tables hold, as text. */
async function everythingKept(): Promise<string> {
  return chat.harness.work.single(async (tx) => {
    const { rows: tables } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = 'public'
    `.execute(tx.as());
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`
        select row_to_json(kept)::text as row from ${sql.table(name)} as kept
      `.execute(tx.as());
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join("\n");
  });
}

test("keeps no words and no wrapped key as they came, and logs neither nor ciphertexts", async () => {
  const [ann, ben] = [await chat.newPerson(), await chat.newMember()];
  const keys = accountKeys();
  await chat.call("chat.putAccountKeys", keys, ann);
  const id = await chat.converse([ann, ben]);
  const input = { conversation_id: id };
  const privateKey = await chat.setKeys(id, ann);
  const { commitment, body, k_f } = committed("The canary sings at noon.");
  const message = await chat.compose(id, ann, { commitment });
  await chat.call("chat.sendMessage", message, ann);
  await assert.rejects(chat.call("chat.sendMessage", { ...message, epoch: 9 }, ann));
  await assert.rejects(chat.call("chat.sendMessage", { ...message, messages: [] }, ann));
  const said = { ...input, message_group: message.message_group, body };
  await chat.call("chat.report", { ...said, k_f }, ben);
  await assert.rejects(chat.call("chat.report", { ...said, k_f: commitment }, ben));

  const words = Buffer.from(body, "base64url").toString();
  const secrets = [words, body, k_f, privateKey, ...keys.wraps.map(({ blob }) => blob)];
  const kept = await everythingKept();
  for (const secret of secrets) {
    assert.equal(kept.includes(secret), false);
    assert.equal(kept.includes(Buffer.from(secret).toString("hex")), false);
  }
  const logged = log.join("\n");
  const contents = message.messages.map(({ content }) => content);
  for (const secret of [...secrets, ...contents]) assert.equal(logged.includes(secret), false);
  const [content = ""] = contents;
  assert.equal(kept.split(content).length - 1, 1, "a ciphertext is in one place only");
});
