import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { accountView, getAccount } from "../store/accounts.ts";
import { listSessions } from "../store/sessions.ts";

/** Whose events: those of one account, for its owner. */
export function accountTopic(accountId: string): string {
  return `auth.account.${accountId}`;
}

/** A transaction, and where it leaves what subscribers shall hear. */
export interface Change {
  readonly tx: Tx;
  readonly events: Events;
}

export async function tellAccountChanged({ tx, events }: Change, accountId: string) {
  const account = accountView(await getAccount(tx, accountId));
  events.emit(accountTopic(accountId), "auth.accountChanged", { account });
  return account;
}

export async function tellSessionsChanged({ tx, events }: Change, accountId: string) {
  const sessions = await listSessions(tx, accountId);
  events.emit(accountTopic(accountId), "auth.sessionsChanged", { sessions });
}
