import { networkOf } from "../../../core/network.ts";
import { newToken } from "../../../core/random.ts";
import { emitRevoked } from "../authenticator/revocations.ts";
import { hashToken, places } from "../credentials/tokens.ts";
import { tellSessionsChanged } from "../notices/account-topic.ts";
import { type Act, recordSecurityEvent } from "../notices/security-events.ts";
import { SESSION_MS_MAX } from "../rules/sessions.ts";
import { userAgentOf } from "../rules/user-agent.ts";
import { accountView, getAccount } from "../store/accounts.ts";
import { rememberPlace } from "../store/places.ts";
import { insertRefreshToken } from "../store/refresh-tokens.ts";
import { deleteSurplusSessions, insertSession } from "../store/sessions.ts";
import type { SignedIn } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * Begins a session for somebody who has proved to be the account's owner. The caller has locked
 * the account and held what was proved against it. Over HTTP the answer carries the cookie.
 */
export async function openSession(kit: AuthKit, act: Act, accountId: string): Promise<SignedIn> {
  const { tx, events, caller, clock, ids } = act;
  const nowMs = clock.nowMs();
  const account = await getAccount(tx, accountId);
  const id = ids.uuid();
  const expiresAtMs = nowMs + SESSION_MS_MAX;
  const cookie = newToken(kit.random);
  const refreshToken = newToken(kit.random);
  const place = {
    network: networkOf(caller.address),
    userAgent: userAgentOf(caller.userAgent),
  };
  await insertSession(tx, {
    id,
    accountId,
    cookieHash: hashToken(cookie),
    cookieSealed: kit.vault.seal(cookie, places.cookie(id)),
    address: caller.address,
    userAgent: place.userAgent,
    createdAtMs: nowMs,
    expiresAtMs,
  });
  await insertRefreshToken(tx, hashToken(refreshToken), id);
  for (const sessionId of await deleteSurplusSessions(tx, accountId, id)) {
    emitRevoked(events, { accountId, sessionId });
  }
  const { strange } = await rememberPlace(tx, accountId, place, nowMs);
  await recordSecurityEvent(kit, act, account, "signed_in", { mail: strange });
  await tellSessionsChanged(act, accountId);
  const claims = { accountId, sessionId: id, epoch: account.tokenEpoch };
  const access = await kit.tokens.sign(claims, nowMs);
  caller.cookies?.set(cookie, expiresAtMs);
  return {
    token: access.token,
    expiresAtMs: access.expiresAtMs,
    refreshToken,
    refreshExpiresAtMs: expiresAtMs,
    account: accountView(account),
  };
}
