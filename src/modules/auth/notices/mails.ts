import type { Mail } from "../../../core/mailer.ts";
import type { SecurityEvent } from "../types.ts";

/** Where links lead: tokens stand in the fragment, which no server and no log gets to see. */
const CONFIRM_PATH = "/#/confirm-email/";
const RESET_PATH = "/#/reset-password/";
const CHANGE_PATH = "/#/change-email/";
const UNDO_PATH = "/#/undo-email-change/";
const ACCOUNT_PATH = "/#/account";

export interface Letterhead {
  readonly issuer: string;
  readonly frontendUrl: string;
}

/** The links are good for as long as `texts` says; see `LINK_MS_MAX`. */
export function confirmationMail(
  { issuer, frontendUrl }: Letterhead,
  to: string,
  token: string,
): Mail {
  return {
    to,
    subject: `Confirm your address for ${issuer}`,
    text: lines(
      `Somebody, most likely you, gave this address to ${issuer}.`,
      "Open this link to confirm that it is yours:",
      `${frontendUrl}${CONFIRM_PATH}${token}`,
      "The link works once, for one day. If it was not you, do nothing.",
    ),
  };
}

export function resetMail({ issuer, frontendUrl }: Letterhead, to: string, token: string): Mail {
  return {
    to,
    subject: `Choose another password for ${issuer}`,
    text: lines(
      `Somebody, most likely you, has forgotten the password of your account at ${issuer}.`,
      "Open this link to choose another one:",
      `${frontendUrl}${RESET_PATH}${token}`,
      "The link works once, for ten minutes. If it was not you, do nothing: the password stays.",
    ),
  };
}

/** To the address that the account has, for a change to one that is yet to be named. */
export function permitMail({ issuer, frontendUrl }: Letterhead, to: string, token: string): Mail {
  return {
    to,
    subject: `Change your address at ${issuer}`,
    text: lines(
      `Somebody, most likely you, wants to give your account at ${issuer} another address.`,
      "Open this link, signed in, to say which:",
      `${frontendUrl}${CHANGE_PATH}${token}`,
      "The link works once, for one day. If it was not you, somebody uses your account: change " +
        "your password.",
    ),
  };
}

/** To the address that an account had before. */
export function undoMail(
  { issuer, frontendUrl }: Letterhead,
  to: string,
  { token, atMs, address }: { token: string; atMs: number; address: string },
): Mail {
  return {
    to,
    subject: `The address of your account at ${issuer} was changed`,
    text: lines(
      `Your account at ${issuer} has another email address now, and this one is no longer its own.`,
      `Time: ${new Date(atMs).toISOString()}\nAddress: ${address}`,
      "If it was you, there is nothing to do. If not, open this link: this address comes back, " +
        "all sessions end, and we mail you a link to choose another password.",
      `${frontendUrl}${UNDO_PATH}${token}`,
      "The link works once, for seven days.",
    ),
  };
}

/** To an address that somebody else would like to have. */
export function addressInUseMail({ issuer }: Letterhead, to: string): Mail {
  return {
    to,
    subject: `Your address at ${issuer}`,
    text: lines(
      `Somebody asked to use this address for another account at ${issuer}.`,
      "It belongs to your account, and it stays there. Nothing was changed.",
    ),
  };
}

type MailedKind = Exclude<SecurityEvent["kind"], "signed_out_everywhere">;

const NEWS: Readonly<Record<MailedKind, string>> = {
  signed_in: "There was a sign-in from a place or a program that is new for your account.",
  sign_in_failed_often: "Somebody has tried several times to sign in and failed.",
  refresh_token_reused:
    "A token of one of your sessions was used twice, so somebody may have a copy of it. " +
    "The session has been ended.",
  password_changed: "Your password was changed. All sessions have been ended.",
  password_reset: "Your password was reset by a link in a mail. All sessions have been ended.",
  email_changed: "The email address of your account was changed.",
  email_restored:
    "A change of your email address was undone: this address is your account's again. All " +
    "sessions have been ended. Choose another password with the link that we mail to you.",
  totp_enrolled: "An authenticator app was enrolled.",
  totp_removed: "The authenticator app was removed: the password alone signs in now.",
  recovery_codes_made: "New recovery codes were made. The earlier ones are void.",
  recovery_code_used: "A recovery code was used to sign in. It is used up.",
  operator_granted: "Your account was made an operator of the installation.",
};

/**
 * Null where mail would only be noise. A program's name for itself is shown when whoever used it
 * proved to be the owner: a stranger would write what they want the owner to read.
 */
export function securityMail(
  { issuer, frontendUrl }: Letterhead,
  to: string,
  { kind, atMs, address, userAgent }: SecurityEvent,
): Mail | null {
  if (kind === "signed_out_everywhere") return null;
  const facts = [`Time: ${new Date(atMs).toISOString()}`, `Address: ${address}`];
  if (kind !== "sign_in_failed_often") facts.push(`Program: ${userAgent || "unnamed"}`);
  return {
    to,
    subject: `Your account at ${issuer}`,
    text: lines(
      NEWS[kind],
      facts.join("\n"),
      "If it was you, there is nothing to do. If not, sign in, end the other sessions and change " +
        "your password:",
      `${frontendUrl}${ACCOUNT_PATH}`,
    ),
  };
}

function lines(...paragraphs: string[]): string {
  return `${paragraphs.join("\n\n")}\n`;
}
