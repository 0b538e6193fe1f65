import type { Clock } from "../../../core/clock.ts";
import type { Job } from "../../../core/module.ts";
import { emitRevoked } from "../authenticator/revocations.ts";
import { tellSessionsChanged } from "../notices/account-topic.ts";
import { deleteOverSessions } from "../store/sessions.ts";

/** A socket is closed within a second of its session's end. */
const INTERVAL_MS = 1_000;
/** One run emits two events for each. */
const SESSIONS_MAX = 40;

/** A session whose time is over proves nothing any more; this tells the sockets that hang on it. */
export const endSessionsJob = (clock: Clock): Job => ({
  name: "auth.endSessions",
  intervalMs: INTERVAL_MS,
  async run({ work, signal }) {
    for (let ended = SESSIONS_MAX; ended === SESSIONS_MAX && !signal.aborted; ) {
      ended = await work.write(
        async (change) => {
          const over = await deleteOverSessions(change.tx, clock.nowMs(), SESSIONS_MAX);
          for (const revocation of over) emitRevoked(change.events, revocation);
          for (const accountId of new Set(over.map((session) => session.accountId))) {
            await tellSessionsChanged(change, accountId);
          }
          return over.length;
        },
        { repeatable: true },
      );
    }
  },
});
