import { defineMethod } from "../../../core/method.ts";
import { emitRightsChanged } from "../authenticator/revocations.ts";
import { hashToken } from "../credentials/tokens.ts";
import { operatorTokenInvalid } from "../errors.ts";
import { tellAccountChanged } from "../notices/account-topic.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { lockAccount, setOperator } from "../store/accounts.ts";
import { takeOperatorToken } from "../store/operator-tokens.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** No account is an operator by default: the first has the token that `stoa admin` prints. */
export const becomeOperator = (kit: AuthKit) =>
  defineMethod({
    name: "auth.becomeOperator",
    ...authWire.methods["auth.becomeOperator"],
    summary: "Makes the caller an operator of the installation, with a one-time token.",
    access: "person",
    errors: [operatorTokenInvalid],
    transaction: "write",
    async handle(call) {
      const { input, actor, tx, events, clock } = call;
      const account = await lockAccount(tx, actor.accountId);
      const isTaken = await takeOperatorToken(tx, hashToken(input.token), clock.nowMs());
      if (!isTaken) throw operatorTokenInvalid();
      await setOperator(tx, account.id);
      emitRightsChanged(events, account.id);
      await recordSecurityEvent(kit, call, account, "operator_granted");
      return tellAccountChanged(call, account.id);
    },
  });
