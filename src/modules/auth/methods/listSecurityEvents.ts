import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
import { listSecurityEvents as list } from "../store/security-events.ts";
import { authWire } from "../types.ts";

export const listSecurityEvents = defineMethod({
  name: "auth.listSecurityEvents",
  ...authWire.methods["auth.listSecurityEvents"],
  summary: "Lists what happened to the caller's account, the newest first, a page at a time.",
  access: "person",
  errors: [],
  transaction: "single",
  async handle({ input: { before, limit }, actor, tx }) {
    const { rows, last } = await readPage(limit, (count) =>
      list(tx, actor.accountId, { before, limit: count }),
    );
    return { events: rows, more: last !== undefined };
  },
});
