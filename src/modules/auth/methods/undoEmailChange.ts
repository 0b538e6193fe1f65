import { defineMethod } from "../../../core/method.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { hashToken } from "../credentials/tokens.ts";
import { emailTaken, mailTokenInvalid } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { nameKey } from "../rules/names.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { lockAccount, releaseUnconfirmedEmail, setConfirmedEmail } from "../store/accounts.ts";
import { raiseTokenEpoch } from "../store/credentials.ts";
import { findEmailUndo, takeEmailUndo } from "../store/email-undos.ts";
import { deleteMailTokens, putResetRequest } from "../store/mail-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * The former address comes back, proved: its link was mailed there. Somebody else who named it
 * meanwhile and never proved it gives it up. Who made the change knew the password, so every
 * session ends, and a link to choose another password follows to the address that came back.
 */
export const undoEmailChange = (kit: AuthKit) =>
  defineMethod({
    name: "auth.undoEmailChange",
    ...authWire.methods["auth.undoEmailChange"],
    summary: "Gives an account its former address back, ends its sessions, and mails a reset link.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [mailTokenInvalid, emailTaken],
    transaction: "write",
    async handle(call) {
      const { tx, input, clock } = call;
      const tokenHash = hashToken(input.token);
      const undo = await findEmailUndo(tx, tokenHash, clock.nowMs());
      if (undo === null) throw mailTokenInvalid();
      const { accountId, email } = undo;
      const locked = await lockAccount(tx, accountId);
      if (!(await takeEmailUndo(tx, tokenHash, undo))) throw mailTokenInvalid();
      const claimantId = await releaseUnconfirmedEmail(tx, email, accountId);
      if (claimantId !== null) {
        await deleteMailTokens(tx, claimantId);
        await tellAccountChanged(call, claimantId);
      }
      await setConfirmedEmail(tx, accountId, email);
      await deleteMailTokens(tx, accountId);
      await raiseTokenEpoch(tx, accountId);
      await endSessions(call, accountId);
      const restored = { ...locked, email, emailConfirmed: true };
      await recordSecurityEvent(kit, call, restored, "email_restored");
      await tellAccountChanged(call, accountId);
      await putResetRequest(tx, nameKey(email), clock.nowMs());
      call.caller.cookies?.clear();
      return {};
    },
  });
