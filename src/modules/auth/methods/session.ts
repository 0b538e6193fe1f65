import { defineMethod } from "../../../core/method.ts";
import { TOKEN_BUDGET } from "../credentials/budgets.ts";
import { places } from "../credentials/tokens.ts";
import { accessTokenInvalid } from "../errors.ts";
import { isSessionOver } from "../rules/sessions.ts";
import { accountView, findAccount } from "../store/accounts.ts";
import { findSession } from "../store/sessions.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * A socket cannot set a cookie. Whoever signed in over one brings the access token here by HTTP,
 * gets the session's cookie, and connects again.
 */
export const session = ({ vault, tokens }: AuthKit) =>
  defineMethod({
    name: "auth.session",
    ...authWire.methods["auth.session"],
    summary: "Exchanges an access token for the session cookie.",
    access: "anyone",
    budget: TOKEN_BUDGET,
    errors: [accessTokenInvalid],
    transaction: "snapshot",
    async handle({ input, tx, clock, caller }) {
      const nowMs = clock.nowMs();
      const claims = await tokens.verify(input.token, nowMs);
      if (claims === null) throw accessTokenInvalid();
      const found = await findSession(tx, claims.sessionId);
      const account = await findAccount(tx, claims.accountId);
      if (
        found === null ||
        account === null ||
        found.accountId !== account.id ||
        account.tokenEpoch !== claims.epoch ||
        isSessionOver(found, nowMs)
      ) {
        throw accessTokenInvalid();
      }
      const cookie = vault.open(found.cookieSealed, places.cookie(found.id));
      caller.cookies?.set(cookie, found.expiresAtMs);
      return { account: accountView(account), expiresAtMs: found.expiresAtMs };
    },
  });
