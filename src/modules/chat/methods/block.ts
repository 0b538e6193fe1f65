import { defineMethod } from "../../../core/method.ts";
import { findPeople } from "../../auth/index.ts";
import { listFull, userUnreachable } from "../errors.ts";
import { userTopic } from "../rules/topics.ts";
import { insertBlock } from "../store/blocks.ts";
import { BLOCKS_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const block = defineMethod({
  name: "chat.block",
  ...chatWire.methods["chat.block"],
  summary: "Keeps somebody from beginning conversations with one, and from private messages.",
  access: "person",
  errors: [userUnreachable, listFull],
  transaction: "write",
  async handle({ input: { user_id: userId }, actor: { accountId }, tx, events }) {
    const isKnown = (await findPeople(tx, [userId])).length > 0;
    if (!isKnown || userId === accountId) throw userUnreachable({ user_ids: [userId] });
    if (!(await insertBlock(tx, accountId, userId, BLOCKS_MAX))) {
      throw listFull({ max: BLOCKS_MAX });
    }
    events.emit(userTopic(accountId), "chat.blocked", { user_id: userId, blocked: true });
    return {};
  },
});
