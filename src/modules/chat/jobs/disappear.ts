import type { Clock } from "../../../core/clock.ts";
import type { Job } from "../../../core/module.ts";
import { deleteExpiredAttachments } from "../store/attachments.ts";
import { deleteExpired } from "../store/messages.ts";

/** A message is gone within a minute of its time: that leaves three runs that may fail. */
const INTERVAL_MS = 15_000;
const ROWS_MAX = 500;

/** Deletes what has disappeared. Nobody is shown it any more by then. */
export const disappearJob = (clock: Clock): Job => ({
  name: "chat.disappear",
  intervalMs: INTERVAL_MS,
  async run({ work, signal }) {
    for (const remove of [deleteExpired, deleteExpiredAttachments]) {
      for (let deleted = ROWS_MAX; deleted === ROWS_MAX && !signal.aborted; ) {
        deleted = await work.write(({ tx }) => remove(tx, clock.nowMs(), ROWS_MAX), {
          repeatable: true,
        });
      }
    }
  },
});
