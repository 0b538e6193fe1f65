import { Secret, TOTP } from "otpauth";
import type { Random } from "../../../core/random.ts";

/** RFC 6238 with the parameters that every authenticator app takes. */
const PERIOD_S = 30;
const DIGITS = 6;
const SIX_DIGITS = /^[0-9]{6}$/;
const ALGORITHM = "SHA1";
/** 160 bits, as RFC 4226 §4 recommends. */
const SECRET_BYTES = 20;
/** Steps before and after the present one: clocks differ, and typing takes time (RFC 6238 §5.2). */
const TOLERANCE_STEPS = 1;

/** A secret in base32, as it is typed into an app. */
export function newTotpSecret(random: Random): string {
  const bytes = Uint8Array.from(random.bytes(SECRET_BYTES));
  return new Secret({ buffer: bytes.buffer }).base32;
}

/** The step whose code this is, or null. That it was not used before is for the table to say. */
export function matchTotp(secret: string, code: string, nowMs: number): number | null {
  const options = { algorithm: ALGORITHM, digits: DIGITS, period: PERIOD_S, timestamp: nowMs };
  const key = Secret.fromBase32(secret);
  if (!SIX_DIGITS.test(code)) return null;
  const delta = TOTP.validate({ ...options, token: code, secret: key, window: TOLERANCE_STEPS });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** What the QR code says: `otpauth://totp/Stoa:ada?secret=…`. */
export function totpUri(issuer: string, name: string, secret: string): string {
  return new TOTP({
    issuer,
    label: name,
    secret: Secret.fromBase32(secret),
    algorithm: ALGORITHM,
    digits: DIGITS,
    period: PERIOD_S,
  }).toString();
}
