import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Log } from "../../../core/log.ts";
import { MailRefused } from "../../../core/mailer.ts";
import type { Job } from "../../../core/module.ts";
import { takeMailTurn } from "../credentials/attempts.ts";
import { mailLink } from "../notices/mail-links.ts";
import { findAccountByEmailKey } from "../store/accounts.ts";
import { takeResetRequests } from "../store/mail-tokens.ts";
import type { AuthKit } from "../wiring/parts.ts";

const INTERVAL_MS = 1_000;
const REQUESTS_MAX = 50;

/**
 * Looks whom requests to reset a password concern, and mails them their link. The mail goes to the
 * address as the account has it, never as it was typed.
 */
export const mailResetsJob = (kit: AuthKit, clock: Clock): Job => ({
  name: "auth.mailResets",
  intervalMs: INTERVAL_MS,
  async run({ work, log, signal }) {
    for (let taken = REQUESTS_MAX; taken === REQUESTS_MAX && !signal.aborted; ) {
      taken = await work.write(async ({ tx }) => {
        const keys = await takeResetRequests(tx, REQUESTS_MAX);
        for (const key of keys) await mailReset(kit, { tx, clock, log }, key);
        return keys.length;
      });
    }
  },
});

async function mailReset(
  kit: AuthKit,
  { tx, clock, log }: { readonly tx: Tx; readonly clock: Clock; readonly log: Log },
  emailKey: string,
): Promise<void> {
  const account = await findAccountByEmailKey(tx, emailKey);
  if (account === null || account.email === null) return;
  if ((await takeMailTurn(tx, account.id, clock.nowMs())) > 0) return;
  const { id: accountId, email } = account;
  try {
    await mailLink(kit, { tx, clock }, { accountId, purpose: "reset_password", email });
  } catch (cause) {
    // One address that no mail can go to must not hold up the others.
    if (!(cause instanceof MailRefused)) throw cause;
    log.warn({ err: cause, accountId }, "a password reset could not be mailed");
  }
}
