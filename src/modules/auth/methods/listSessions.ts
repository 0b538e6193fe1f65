import { defineMethod } from "../../../core/method.ts";
import { listSessions as list } from "../store/sessions.ts";
import { authWire } from "../types.ts";

export const listSessions = defineMethod({
  name: "auth.listSessions",
  ...authWire.methods["auth.listSessions"],
  summary: "Lists where the caller is signed in, the newest first.",
  access: "person",
  errors: [],
  transaction: "single",
  async handle({ actor, tx }) {
    const sessions = await list(tx, actor.accountId);
    return {
      sessions: sessions.map((session) => ({
        ...session,
        current: session.id === actor.sessionId,
      })),
    };
  },
});
