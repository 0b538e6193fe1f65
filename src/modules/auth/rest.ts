import type { RestRoute } from "../../core/rest.ts";

/** Document 001 knows no REST; these are the paths of our own under `/auth`. */
export const rest: readonly RestRoute[] = [
  { verb: "POST", path: "/start", method: "auth.start" },
  { verb: "POST", path: "/confirm", method: "auth.confirm" },
  { verb: "POST", path: "/register", method: "auth.register", status: 201 },
  { verb: "POST", path: "/login", method: "auth.login" },
  { verb: "POST", path: "/refresh", method: "auth.refresh" },
  { verb: "POST", path: "/session", method: "auth.session" },
  { verb: "DELETE", path: "/session", method: "auth.signOut", status: 204 },
  { verb: "GET", path: "/sessions", method: "auth.listSessions" },
  { verb: "DELETE", path: "/sessions", method: "auth.signOutEverywhere", status: 204 },
  { verb: "DELETE", path: "/sessions/:sessionId", method: "auth.revokeSession", status: 204 },
  { verb: "GET", path: "/me", method: "auth.me" },
  { verb: "PATCH", path: "/me", method: "auth.updateProfile" },
  { verb: "PUT", path: "/me/password", method: "auth.changePassword", status: 204 },
  { verb: "PUT", path: "/me/email", method: "auth.changeEmail", status: 202 },
  { verb: "POST", path: "/me/totp", method: "auth.enrolTotp" },
  { verb: "PUT", path: "/me/totp", method: "auth.confirmTotp" },
  { verb: "POST", path: "/me/totp/removal", method: "auth.removeTotp", status: 204 },
  { verb: "POST", path: "/me/recovery-codes", method: "auth.newRecoveryCodes" },
  { verb: "GET", path: "/me/security-events", method: "auth.listSecurityEvents" },
  { verb: "POST", path: "/me/operator", method: "auth.becomeOperator" },
  { verb: "POST", path: "/email/confirm", method: "auth.confirmEmail" },
  {
    verb: "POST",
    path: "/password/request",
    method: "auth.requestPasswordReset",
    status: 202,
  },
  { verb: "POST", path: "/password/reset", method: "auth.resetPassword", status: 204 },
  { verb: "POST", path: "/mail-tokens/lookup", method: "auth.lookupMailToken" },
];
