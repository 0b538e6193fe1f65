import type { Caller } from "../../../core/actor.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { Log } from "../../../core/log.ts";
import { userAgentOf } from "../rules/user-agent.ts";
import type { StoredAccount } from "../store/accounts.ts";
import { insertSecurityEvent } from "../store/security-events.ts";
import type { SecurityEvent } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";
import { accountTopic, type Change } from "./account-topic.ts";
import { securityMail } from "./mails.ts";

/** A change, and who makes it when. */
export interface Act extends Change {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface EventOptions {
  /** False for what is expected. */
  readonly mail?: boolean;
  /** Another address than the account's, as the one it had before. */
  readonly to?: string;
}

/**
 * Keeps what happened for the account's owner, shows it to whoever has the account open, mails it,
 * but only to an address that is known to be the owner's, and logs it for the operators.
 */
export async function recordSecurityEvent(
  kit: Pick<AuthKit, "mailer" | "issuer" | "frontendUrl">,
  { tx, events, caller, clock, ids, log }: Act,
  account: Pick<StoredAccount, "id" | "email" | "emailConfirmed">,
  kind: SecurityEvent["kind"],
  { mail: isMailed = true, to }: EventOptions = {},
): Promise<void> {
  const event: SecurityEvent = {
    id: ids.uuid(),
    kind,
    address: caller.address,
    userAgent: userAgentOf(caller.userAgent),
    atMs: clock.nowMs(),
  };
  log.info({ accountId: account.id, kind, address: event.address }, "a security event");
  await insertSecurityEvent(tx, account.id, event);
  events.emit(accountTopic(account.id), "auth.securityEvent", event);
  const recipient = to ?? (account.emailConfirmed ? account.email : null);
  if (!isMailed || recipient === null) return;
  const letterhead = { issuer: kit.issuer, frontendUrl: kit.frontendUrl() };
  const mail = securityMail(letterhead, recipient, event);
  if (mail !== null) await kit.mailer.send(tx, mail);
}
