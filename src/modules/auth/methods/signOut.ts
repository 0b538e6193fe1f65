import { defineMethod } from "../../../core/method.ts";
import { endSession } from "../sessions/end-sessions.ts";
import { lockAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";

export const signOut = defineMethod({
  name: "auth.signOut",
  ...authWire.methods["auth.signOut"],
  summary: "Ends this session: its tokens, its cookie and its sockets.",
  access: "person",
  errors: [],
  transaction: "write",
  async handle({ actor, tx, events, caller }) {
    await lockAccount(tx, actor.accountId);
    await endSession({ tx, events }, actor.accountId, actor.sessionId);
    caller.cookies?.clear();
    return {};
  },
});
