import {
  ACCOUNT_KEYS,
  conversation,
  copies,
  KEY,
  message,
  newKeys,
  sent,
  withBen,
} from "./chat-samples.ts";
import { type Step, step } from "./step.ts";
import type { World } from "./world.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const kept = (name: string) => (world: World) => world.kept.get(name);
const onlyAda = (world: World) => message({ messages: copies(world).slice(0, 1) })(world);
const oldKey = (world: World) => {
  const content = "AQ".padEnd(400, "B");
  return message({ messages: copies(world).map((copy) => ({ ...copy, content })) })(world);
};

/** A conversation of two, over every way. */
export const CONVERSATION: readonly Step[] = [
  step("nobody", "chat.users", {}, "UNAUTHENTICATED"),
  step("ada", "auth.me", {}, "OK", { keep: ["adaId", "account.id"] }),
  step("ben", "auth.me", {}, "OK", { keep: ["benId", "account.id"] }),
  step("ada", "chat.putAccountKeys", ACCOUNT_KEYS),
  step("ben", "chat.putAccountKeys", ACCOUNT_KEYS),
  step("ada", "chat.putAccountKeys", { ...ACCOUNT_KEYS, version: 5 }, "ACCOUNT_KEYS_DIFFER"),
  step("ada", "chat.putAccountKeys", { ...ACCOUNT_KEYS, wraps: [] }, "INVALID_INPUT"),
  step("ada", "chat.getAccountKeys", {}),
  step("ada", "chat.createConversation", { private: true, user_ids: [] }, "INVALID_INPUT"),
  step(
    "ada",
    "chat.createConversation",
    { private: true, user_ids: [UNKNOWN] },
    "USER_UNREACHABLE",
  ),
  step("ada", "chat.createConversation", withBen, "OK", {
    keep: ["conversation", "conversation.id"],
  }),
  step("ada", "chat.findPrivate", (world) => ({ user_id: kept("benId")(world) })),
  step("ada", "chat.sendMessage", message(), "CONVERSATION_NOT_READY"),
  step("ada", "chat.setKeys", newKeys),
  step("ada", "chat.setKeys", newKeys),
  step("operator", "chat.setKeys", newKeys, "CONVERSATION_NOT_FOUND"),
  step("ben", "chat.setKeys", newKeys),
  step("ben", "chat.getKeys", conversation()),
  step("ada", "chat.sendMessage", onlyAda, "RECIPIENTS_DIFFER"),
  step("ada", "chat.sendMessage", oldKey, "KEYS_STALE"),
  step("ada", "chat.sendMessage", message({ epoch: 3 }), "EPOCH_DIFFERS"),
  step("ada", "chat.sendMessage", message({ commitment: "Hello" }), "INVALID_INPUT"),
  step("ada", "chat.sendMessage", message()),
  step("ada", "chat.sendMessage", message()),
  step("ben", "chat.sendMessage", message(), "MESSAGE_DIFFERS"),
  step("operator", "chat.sendMessage", message(), "CONVERSATION_NOT_FOUND"),
  step("ben", "chat.messages", conversation({ page_size: 10 })),
  step("ben", "chat.messages", conversation({ page_token: "AAAA" }), "PAGE_TOKEN_INVALID"),
  step("operator", "chat.messages", conversation(), "CONVERSATION_NOT_FOUND"),
  step("ben", "chat.markRead", sent),
  step("ben", "chat.deleteMessage", sent, "NOT_SENDER"),
  step("ben", "chat.report", (w) => ({ ...sent(w), body: "AAAA", k_f: KEY }), "COMMITMENT_DIFFERS"),
  step("ada", "chat.deleteMessage", sent),
  step("ben", "chat.messages", conversation()),
  step("ada", "chat.setAlias", conversation({ alias: "Crew" })),
  step("ben", "chat.leave", conversation()),
  step("ben", "chat.messages", conversation(), "CONVERSATION_NOT_FOUND"),
];
