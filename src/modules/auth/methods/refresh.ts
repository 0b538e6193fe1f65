import { defineMethod } from "../../../core/method.ts";
import { newToken } from "../../../core/random.ts";
import { TOKEN_BUDGET } from "../credentials/budgets.ts";
import { hashToken, places } from "../credentials/tokens.ts";
import { refreshTokenInvalid, refreshTokenReused } from "../errors.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { isSessionOver, REFRESH_REPEAT_MS_MAX } from "../rules/sessions.ts";
import { endSession } from "../sessions/end-sessions.ts";
import { accountView, lockAccount } from "../store/accounts.ts";
import {
  findRefreshToken,
  insertRefreshToken,
  type StoredRefreshToken,
  useRefreshToken,
} from "../store/refresh-tokens.ts";
import { touchSession } from "../store/sessions.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * A refresh token is good for one use, which makes its successor (RFC 9700 §4.14.2). A client whose
 * answer got lost, or that refreshes twice at once, comes again within moments and gets the same
 * successor. Later than that the token is in two hands: the session ends and the owner is told.
 */
export const refresh = (kit: AuthKit) =>
  defineMethod({
    name: "auth.refresh",
    ...authWire.methods["auth.refresh"],
    summary: "Exchanges a refresh token for an access token and the next refresh token.",
    access: "anyone",
    budget: TOKEN_BUDGET,
    errors: [refreshTokenInvalid, refreshTokenReused],
    transaction: "write",
    async prepare({ input, work, ...call }) {
      const tokenHash = hashToken(input.refreshToken);
      const nowMs = call.clock.nowMs();
      const token = await work.single((tx) => findRefreshToken(tx, tokenHash));
      if (token === null || isSessionOver(token, nowMs)) throw refreshTokenInvalid();
      if (isReuse(token, nowMs)) {
        await work.write(async ({ tx, events }) => {
          const account = await lockAccount(tx, token.accountId);
          const act = { ...call, tx, events };
          if (!(await endSession(act, account.id, token.sessionId))) return;
          await recordSecurityEvent(kit, act, account, "refresh_token_reused");
        });
        throw refreshTokenReused();
      }
      return { tokenHash, sessionId: token.sessionId, accountId: token.accountId };
    },
    async handle({ tx, clock, prepared: { tokenHash, sessionId, accountId } }) {
      const nowMs = clock.nowMs();
      const account = await lockAccount(tx, accountId);
      const token = await findRefreshToken(tx, tokenHash);
      if (token === null || isReuse(token, nowMs)) throw refreshTokenInvalid();
      const successor =
        token.successorSealed === null
          ? newToken(kit.random)
          : kit.vault.open(token.successorSealed, places.successor(tokenHash));
      if (token.successorSealed === null) {
        const successorSealed = kit.vault.seal(successor, places.successor(tokenHash));
        const isFirst = await useRefreshToken(tx, tokenHash, { atMs: nowMs, successorSealed });
        if (!isFirst) throw new Error("The lock on the account lets one refresh in at a time.");
        await insertRefreshToken(tx, hashToken(successor), sessionId);
        await touchSession(tx, sessionId, nowMs);
      }
      const claims = { accountId, sessionId, epoch: account.tokenEpoch };
      const access = await kit.tokens.sign(claims, nowMs);
      return {
        token: access.token,
        expiresAtMs: access.expiresAtMs,
        refreshToken: successor,
        refreshExpiresAtMs: token.expiresAtMs,
        account: accountView(account),
      };
    },
  });

function isReuse({ usedAtMs }: StoredRefreshToken, nowMs: number): boolean {
  return usedAtMs !== null && nowMs - usedAtMs > REFRESH_REPEAT_MS_MAX;
}
