import { unauthenticated } from "../../../core/errors.ts";
import { defineMethod } from "../../../core/method.ts";
import { accountView, getAccount } from "../store/accounts.ts";
import { findSession, sessionView } from "../store/sessions.ts";
import { authWire } from "../types.ts";

export const me = defineMethod({
  name: "auth.me",
  ...authWire.methods["auth.me"],
  summary: "Answers the caller's account and session.",
  access: "person",
  errors: [],
  transaction: "snapshot",
  async handle({ actor, tx }) {
    const session = await findSession(tx, actor.sessionId);
    if (session === null) throw unauthenticated();
    const account = await getAccount(tx, actor.accountId);
    return { account: accountView(account), session: sessionView(session) };
  },
});
