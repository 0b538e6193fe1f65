import { emitRevoked } from "../authenticator/revocations.ts";
import { type Change, tellSessionsChanged } from "../notices/account-topic.ts";
import { deleteSession, deleteSessions } from "../store/sessions.ts";

/** Ends one session: its tokens, cookie and sockets, on every node. False when it is not there. */
export async function endSession(change: Change, accountId: string, sessionId: string) {
  if (!(await deleteSession(change.tx, accountId, sessionId))) return false;
  emitRevoked(change.events, { accountId, sessionId });
  await tellSessionsChanged(change, accountId);
  return true;
}

/** Ends all sessions of the account. The caller has raised its token epoch. */
export async function endSessions(change: Change, accountId: string): Promise<void> {
  await deleteSessions(change.tx, accountId);
  emitRevoked(change.events, { accountId });
  await tellSessionsChanged(change, accountId);
}
