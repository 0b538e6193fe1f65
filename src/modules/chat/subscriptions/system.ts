import { defineSubscription } from "../../../core/subscription.ts";
import { GENERAL_TOPIC } from "../rules/topics.ts";
import { chatWire } from "../types.ts";

export const system = defineSubscription({
  name: "chat.system",
  ...chatWire.subscriptions["chat.system"],
  summary: "Who is new, and who has another name.",
  access: "person",
  errors: [],
  topic: () => GENERAL_TOPIC,
  async snapshot() {
    return {};
  },
});
