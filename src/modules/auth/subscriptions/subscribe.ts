import { defineSubscription } from "../../../core/subscription.ts";
import { accountTopic } from "../notices/account-topic.ts";
import { accountView, getAccount } from "../store/accounts.ts";
import { listSessions } from "../store/sessions.ts";
import { authWire } from "../types.ts";

export const subscribe = defineSubscription({
  name: "auth.subscribe",
  ...authWire.subscriptions["auth.subscribe"],
  summary: "Follows the caller's own account: its data, its sessions, what happens to it.",
  access: "person",
  errors: [],
  topic: ({ actor }) => accountTopic(actor.accountId),
  async snapshot({ actor, tx }) {
    const account = accountView(await getAccount(tx, actor.accountId));
    return { account, sessions: await listSessions(tx, actor.accountId) };
  },
});
