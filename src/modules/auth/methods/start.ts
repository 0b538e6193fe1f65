import { defineMethod } from "../../../core/method.ts";
import { countProbe } from "../credentials/attempts.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { CHALLENGE_MS_MAX, sealChallenge } from "../credentials/challenge.ts";
import { qrCodeUrl } from "../credentials/qr-code.ts";
import { newTotpSecret, totpUri } from "../credentials/totp.ts";
import { tooManyAttempts } from "../errors.ts";
import { nameKey } from "../rules/names.ts";
import { findAccountByLogin } from "../store/accounts.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** The first step of document 001: who is registered types a code, who is not scans one first. */
export const start = ({ vault, random, issuer }: AuthKit) =>
  defineMethod({
    name: "auth.start",
    ...authWire.methods["auth.start"],
    summary: "Begins a sign-in by username and code; a name that is free comes with a QR code.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [tooManyAttempts],
    transaction: "single",
    async prepare(call) {
      await countProbe(call);
    },
    async handle({ input: { username }, tx, clock, ids }) {
      const account = await findAccountByLogin(tx, username);
      if (account !== null) return { status: "user" as const };
      const secret = newTotpSecret(random);
      const challenge = sealChallenge(vault, {
        id: ids.uuid(),
        usernameKey: nameKey(username),
        secret,
        expiresAtMs: clock.nowMs() + CHALLENGE_MS_MAX,
      });
      const qr_code = qrCodeUrl(totpUri(issuer, username, secret));
      return { status: "candidate" as const, qr_code, secret, challenge };
    },
  });
