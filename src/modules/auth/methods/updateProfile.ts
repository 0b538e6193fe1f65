import { defineMethod } from "../../../core/method.ts";
import { countProbe, forgiveProbe } from "../credentials/attempts.ts";
import { tooManyAttempts, usernameTaken } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { findAccountByLogin, lockAccount, updateProfile as update } from "../store/accounts.ts";
import { authWire } from "../types.ts";

export const updateProfile = defineMethod({
  name: "auth.updateProfile",
  ...authWire.methods["auth.updateProfile"],
  summary: "Changes the username, the display name or the description; what is left out stays.",
  access: "person",
  errors: [usernameTaken, tooManyAttempts],
  transaction: "write",
  async prepare({ input: { username }, actor, ...call }) {
    if (username === undefined) return;
    await countProbe(call);
    const owner = await call.work.single((tx) => findAccountByLogin(tx, username));
    if (owner !== null && owner.id !== actor.accountId) throw usernameTaken();
  },
  async handle({ input, actor, tx, events, caller }) {
    await lockAccount(tx, actor.accountId);
    await update(tx, actor.accountId, input);
    if (input.username !== undefined) await forgiveProbe(tx, caller);
    return tellAccountChanged({ tx, events }, actor.accountId);
  },
});
