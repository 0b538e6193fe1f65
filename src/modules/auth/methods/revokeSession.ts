import { defineMethod } from "../../../core/method.ts";
import { sessionNotFound } from "../errors.ts";
import { endSession } from "../sessions/end-sessions.ts";
import { lockAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";

export const revokeSession = defineMethod({
  name: "auth.revokeSession",
  ...authWire.methods["auth.revokeSession"],
  summary: "Ends one of the caller's sessions: its tokens, its cookie and its sockets.",
  access: "person",
  errors: [sessionNotFound],
  transaction: "write",
  async handle({ input, actor, tx, events }) {
    await lockAccount(tx, actor.accountId);
    const isEnded = await endSession({ tx, events }, actor.accountId, input.sessionId);
    if (!isEnded) throw sessionNotFound();
    return {};
  },
});
