import type { ChannelPresence } from "../../../core/channel.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { userTopic } from "../rules/topics.ts";
import { readProfile } from "../store/profiles.ts";

/** Everybody is shown as being here but those who hide: they are as if they were not. */
export function createPresence(work: () => UnitOfWork): ChannelPresence {
  return {
    async show({ accountId }) {
      const { hidden } = await work().single((tx) => readProfile(tx, accountId));
      return hidden ? null : {};
    },
    changes({ type, topic }) {
      return type === "chat.profile_updated" ? topic.slice(userTopic("").length) : undefined;
    },
  };
}
