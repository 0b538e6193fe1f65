import { defineMethod } from "../../../core/method.ts";
import { countProbe, forgiveProbe } from "../credentials/attempts.ts";
import { REGISTRATION_BUDGET } from "../credentials/budgets.ts";
import { emailTaken, passwordTooCommon, tooManyAttempts, usernameTaken } from "../errors.ts";
import { mailLink } from "../notices/mail-links.ts";
import { isTooCommon } from "../rules/passwords.ts";
import { openSession } from "../sessions/open-session.ts";
import { findAccountByLogin, insertAccount } from "../store/accounts.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * Document 004 tells whether a login is taken, and so does this; whoever asks for many names has
 * to wait. The address stays unconfirmed until the link that is mailed to it comes back.
 */
export const register = (kit: AuthKit) =>
  defineMethod({
    name: "auth.register",
    ...authWire.methods["auth.register"],
    summary: "Makes an account with a password and signs it in.",
    access: "anyone",
    budget: REGISTRATION_BUDGET,
    errors: [usernameTaken, emailTaken, passwordTooCommon, tooManyAttempts],
    transaction: "write",
    async prepare(call) {
      const { username, email, password } = call.input;
      if (isTooCommon(password, [username, email])) throw passwordTooCommon();
      await countProbe(call);
      const isTaken = async (login: string) =>
        (await call.work.single((tx) => findAccountByLogin(tx, login))) !== null;
      if (username !== undefined && (await isTaken(username))) throw usernameTaken();
      if (email !== undefined && (await isTaken(email))) throw emailTaken();
      return kit.passwords.hash(password, call.signal);
    },
    async handle({ prepared: passwordHash, ...call }) {
      const { tx, input, clock, ids, caller } = call;
      const { username, email } = input;
      const id = ids.uuid();
      await insertAccount(tx, {
        id,
        username,
        email,
        displayName: input.displayName || username || email || "",
        passwordHash,
        createdAtMs: clock.nowMs(),
      });
      if (email !== undefined) {
        await mailLink(kit, call, { accountId: id, purpose: "confirm_email", email });
      }
      await forgiveProbe(tx, caller);
      return openSession(kit, call, id);
    },
  });
