import { defineMethod } from "../../../core/method.ts";
import { CHALLENGE_MS_MAX } from "../credentials/challenge.ts";
import { qrCodeUrl } from "../credentials/qr-code.ts";
import { requireFreshSignIn } from "../credentials/reauthentication.ts";
import { places } from "../credentials/tokens.ts";
import { newTotpSecret, totpUri } from "../credentials/totp.ts";
import { reauthenticationNeeded, totpAlreadyEnrolled } from "../errors.ts";
import { lockAccount } from "../store/accounts.ts";
import { setPendingTotp } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** Whoever found a session left open shall not lock its owner out: the sign-in must be fresh. */
export const enrolTotp = ({ vault, random, issuer }: AuthKit) =>
  defineMethod({
    name: "auth.enrolTotp",
    ...authWire.methods["auth.enrolTotp"],
    summary:
      "Begins to enrol an authenticator app; `auth.confirmTotp` ends it with the first code.",
    access: "person",
    errors: [totpAlreadyEnrolled, reauthenticationNeeded],
    transaction: "write",
    async handle(call) {
      const { actor, tx, clock } = call;
      requireFreshSignIn(call);
      const account = await lockAccount(tx, actor.accountId);
      if (account.totpSecret !== null) throw totpAlreadyEnrolled();
      const secret = newTotpSecret(random);
      await setPendingTotp(tx, account.id, {
        secret: vault.seal(secret, places.pendingTotpSecret(account.id)),
        expiresAtMs: clock.nowMs() + CHALLENGE_MS_MAX,
      });
      const name = account.username ?? account.email ?? "";
      return { qr_code: qrCodeUrl(totpUri(issuer, name, secret)), secret };
    },
  });
