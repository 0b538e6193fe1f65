import type { RestRoute } from "../../../core/rest.ts";

/** What document 002 has of accounts, on methods in its own words and on those of auth. */
export const accountsRest: readonly RestRoute[] = [
  { verb: "POST", path: "/auth/register", method: "chat.register" },
  { verb: "POST", path: "/auth/login", method: "chat.login" },
  { verb: "POST", path: "/auth/refresh", method: "chat.refresh" },
  { verb: "POST", path: "/auth/confirm", method: "auth.confirmEmail", status: 204 },
  {
    verb: "POST",
    path: "/auth/password/request",
    method: "auth.requestPasswordReset",
    status: 204,
  },
  { verb: "POST", path: "/auth/password/confirm", method: "chat.confirmPasswordReset" },
  {
    verb: "POST",
    path: "/auth/password/reset",
    method: "chat.resetPassword",
    status: 204,
    answer: ({ keys_locked }: { keys_locked: boolean }) => ({
      headers: { "x-keys-locked": String(keys_locked) },
    }),
    answerHeaders: {
      "x-keys-locked": "`true` where conversations wait for the passphrase or the recovery key",
    },
  },
  { verb: "POST", path: "/api/signout_all", method: "auth.signOutEverywhere", status: 204 },
  {
    verb: "POST",
    path: "/api/token/email_confirm",
    method: "auth.requestEmailConfirmation",
    status: 204,
  },
  {
    verb: "POST",
    path: "/api/token/email_change",
    method: "auth.requestEmailChange",
    status: 204,
  },
  { verb: "PATCH", path: "/api/password", method: "chat.changePassword", status: 204 },
  { verb: "PATCH", path: "/api/email", method: "chat.changeEmail", status: 204 },
  // Beside the document: the method's own answer.
  { verb: "POST", path: "/password-resets", method: "chat.resetPassword" },
];
