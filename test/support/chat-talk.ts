import { randomUUID } from "node:crypto";
import { accountKeys, copiesFor, randomText } from "./chat-fixture.ts";
import type { Call } from "./in-process.ts";

/** What two have who talk in private, as fields that calls name it by. */
export interface Talk {
  readonly conversation_id: readonly string[];
  readonly message_group: readonly string[];
  readonly page_token: ReadonlyArray<string | null>;
  readonly user_id: readonly string[];
  readonly attachment_id: readonly string[];
  readonly chunk: readonly number[];
}

/** A private conversation, which neither can leave, with a message and a file in it. */
export async function createTalk(call: Call, other: Call): Promise<Talk> {
  const userIds: string[] = [];
  for (const one of [call, other]) {
    const { account } = await one("auth.me", {});
    userIds.push(account.id);
    const { account_keys: known } = await one("chat.getAccountKeys", {});
    if (known === null) await one("chat.putAccountKeys", accountKeys());
  }
  const { conversation } = await call("chat.createConversation", {
    private: true,
    user_ids: userIds.slice(1),
  });
  const where = { conversation_id: conversation.id };
  for (const one of [call, other]) {
    const key = { public_key: randomText(32), private_key: randomText(60) };
    await one("chat.setKeys", { ...where, ...key, key_version: 1, signature: randomText(64) });
  }
  const { epoch, members } = await call("chat.getKeys", where);
  const groups = [randomUUID(), randomUUID()];
  for (const message_group of groups) {
    const commitment = randomText(32);
    const messages = copiesFor(members);
    await call("chat.sendMessage", { ...where, message_group, epoch, commitment, messages });
  }
  const page = await call("chat.messages", { ...where, page_size: 1 });
  const file = await call("chat.putAttachment", { ...where, content: randomText(9) });
  return {
    conversation_id: [conversation.id],
    message_group: groups,
    page_token: [page.page_token],
    user_id: userIds,
    attachment_id: [file.id],
    chunk: [0],
  };
}
