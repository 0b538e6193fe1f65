import { defineMethod } from "../../../core/method.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { lockAccount } from "../store/accounts.ts";
import { raiseTokenEpoch } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

export const signOutEverywhere = (kit: AuthKit) =>
  defineMethod({
    name: "auth.signOutEverywhere",
    ...authWire.methods["auth.signOutEverywhere"],
    summary: "Ends every session of the account, this one included.",
    access: "person",
    errors: [],
    transaction: "write",
    async handle(call) {
      const account = await lockAccount(call.tx, call.actor.accountId);
      await raiseTokenEpoch(call.tx, account.id);
      await endSessions(call, account.id);
      await recordSecurityEvent(kit, call, account, "signed_out_everywhere");
      call.caller.cookies?.clear();
      return {};
    },
  });
