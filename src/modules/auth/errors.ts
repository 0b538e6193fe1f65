import { defineError } from "../../core/errors.ts";

export const usernameTaken = defineError({
  code: "USERNAME_TAKEN",
  kind: "conflict",
  message: "Somebody else has this username. Choose another one.",
});
export const emailTaken = defineError({
  code: "EMAIL_TAKEN",
  kind: "conflict",
  message:
    "An account has this email address. If it is not yours, register with a username, then add it.",
});
export const emailClaimed = defineError({
  code: "EMAIL_CLAIMED",
  kind: "forbidden",
  message: "Another account has this address, unproved. Open the link where you are signed in.",
});
export const emailMissing = defineError({
  code: "EMAIL_MISSING",
  kind: "conflict",
  message: "Your account has no email address, so there is nowhere to mail a link to. Add one.",
});
export const passwordTooCommon = defineError({
  code: "PASSWORD_TOO_COMMON",
  kind: "rejected",
  message: "This password is among the first that anybody would try. Choose another one.",
});

export const invalidCredentials = defineError({
  code: "INVALID_CREDENTIALS",
  kind: "unauthenticated",
  message: "The name or the password is wrong.",
});
export const otpRequired = defineError({
  code: "OTP_REQUIRED",
  kind: "unauthenticated",
  message: "The password is right. Send the code of your authenticator app along with it.",
});
export const invalidCode = defineError({
  code: "INVALID_CODE",
  kind: "unauthenticated",
  message: "The code is wrong, too old or used before. Wait for the next, or use the password.",
});
export const tooManyAttempts = defineError({
  code: "TOO_MANY_ATTEMPTS",
  kind: "too_many",
  message: "Too many attempts failed. Wait a little before the next one.",
});

export const challengeInvalid = defineError({
  code: "CHALLENGE_INVALID",
  kind: "rejected",
  message: "This enrolment is over or was used before. Begin again with the username.",
});
export const totpNotEnrolled = defineError({
  code: "TOTP_NOT_ENROLLED",
  kind: "rejected",
  message: "No authenticator app is enrolled for this account. Its password signs in.",
});
export const totpAlreadyEnrolled = defineError({
  code: "TOTP_ALREADY_ENROLLED",
  kind: "conflict",
  message: "An authenticator app is enrolled already. Remove it before enrolling another one.",
});
export const enrolmentNotStarted = defineError({
  code: "ENROLMENT_NOT_STARTED",
  kind: "rejected",
  message: "There is no enrolment to confirm, or it has waited too long. Begin it again.",
});
export const onlyWayIn = defineError({
  code: "ONLY_WAY_IN",
  kind: "conflict",
  message: "The authenticator app is the only way into this account. Set a password first.",
});

export const passwordWrong = defineError({
  code: "PASSWORD_WRONG",
  kind: "forbidden",
  message: "The current password is wrong.",
});
export const reauthenticationNeeded = defineError({
  code: "REAUTHENTICATION_NEEDED",
  kind: "forbidden",
  message: "Sign in again first, or give the current password: the sign-in is too long ago.",
});

export const refreshTokenInvalid = defineError({
  code: "REFRESH_TOKEN_INVALID",
  kind: "unauthenticated",
  message: "This refresh token is unknown, or its session has ended. Sign in again.",
});
export const refreshTokenReused = defineError({
  code: "REFRESH_TOKEN_REUSED",
  kind: "unauthenticated",
  message:
    "This refresh token was used before. Its session has been ended to be safe: sign in again.",
});
export const accessTokenInvalid = defineError({
  code: "ACCESS_TOKEN_INVALID",
  kind: "unauthenticated",
  message: "This access token is not valid, or its session has ended.",
});
export const sessionNotFound = defineError({
  code: "SESSION_NOT_FOUND",
  kind: "not_found",
  message: "You have no session with this id. It may have ended.",
});
export const mailTokenInvalid = defineError({
  code: "MAIL_TOKEN_INVALID",
  kind: "not_found",
  message: "This link is not valid: it was used, replaced by a later one, or is too old.",
});
export const operatorTokenInvalid = defineError({
  code: "OPERATOR_TOKEN_INVALID",
  kind: "forbidden",
  message: "This operator token is unknown, used or too old. `stoa admin` prints another one.",
});
