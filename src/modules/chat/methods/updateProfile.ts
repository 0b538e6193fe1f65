import { defineMethod } from "../../../core/method.ts";
import { userTopic } from "../rules/topics.ts";
import { saveProfile } from "../store/profiles.ts";
import { chatWire } from "../types.ts";

export const updateProfile = defineMethod({
  name: "chat.updateProfile",
  ...chatWire.methods["chat.updateProfile"],
  summary: "Changes one's own choices; what is not given stays as it is.",
  access: "person",
  errors: [],
  transaction: "write",
  async handle({ input, actor: { accountId }, tx, events }) {
    const profile = await saveProfile(tx, accountId, input);
    events.emit(userTopic(accountId), "chat.profile_updated", profile);
    return profile;
  },
});
