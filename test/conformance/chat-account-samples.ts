import type { Sample } from "./samples.ts";
import { step } from "./step.ts";
import { PASSWORD } from "./world.ts";

const UNKNOWN_TOKEN = "D".repeat(43);
const NEXT = "another long one";
const twice = { new_password: NEXT, new_password_confirmation: NEXT };
const byAll = (code: string) => ({ nobody: code, ada: code, ben: code, operator: code });
const byPeople = (code: string) => ({ ada: code, ben: code, operator: code });
/** The one person with an address; whoever asks again finds it taken. */
const resident = () => ({ email: `resident-${process.pid}@stoa.test`, password: PASSWORD });
let strangers = 0;
const stranger = () => {
  strangers += 1;
  return `chat-stranger-${strangers}@stoa.test`;
};

/** What document 002 has of accounts. */
export const CHAT_ACCOUNT_SAMPLES: Readonly<Record<string, Sample>> = {
  "chat.register": {
    // The first of them registers, all others are told that it is taken.
    input: resident,
  },
  "chat.login": {
    input: () => ({ email: stranger(), password: "x" }),
    codes: byAll("INVALID_CREDENTIALS"),
  },
  "chat.refresh": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: byAll("REFRESH_TOKEN_INVALID"),
  },
  "chat.confirmPasswordReset": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: byAll("MAIL_TOKEN_INVALID"),
  },
  "chat.resetPassword": {
    input: () => ({ token: UNKNOWN_TOKEN, password: "x", ...twice }),
    codes: byAll("MAIL_TOKEN_INVALID"),
  },
  "chat.changePassword": {
    input: () => ({ password: "wrong", ...twice }),
    codes: byPeople("PASSWORD_WRONG"),
  },
  "chat.changeEmail": {
    input: () => ({ token: UNKNOWN_TOKEN, email: stranger(), password: PASSWORD }),
    codes: byPeople("MAIL_TOKEN_INVALID"),
  },
};

const differs = { new_password: NEXT, new_password_confirmation: `${NEXT}r` };
const unknown = { token: UNKNOWN_TOKEN };

/** How the same requests fail, over every way alike. */
export const CHAT_ACCOUNTS = [
  step("nobody", "chat.register", { password: PASSWORD }, "INVALID_INPUT"),
  step("nobody", "chat.register", { email: "mira", password: PASSWORD }, "INVALID_INPUT"),
  step(
    "nobody",
    "chat.register",
    { email: "mira@stoa.test", password: "12345678" },
    "PASSWORD_TOO_COMMON",
  ),
  step(
    "nobody",
    "chat.login",
    { email: "nobody-here@stoa.test", password: "x" },
    "INVALID_CREDENTIALS",
  ),
  step("nobody", "chat.refresh", unknown, "REFRESH_TOKEN_INVALID"),
  step("nobody", "chat.refresh", { token: "short" }, "INVALID_INPUT"),
  step("nobody", "chat.confirmPasswordReset", unknown, "MAIL_TOKEN_INVALID"),
  step("nobody", "chat.resetPassword", { ...unknown, ...twice }, "MAIL_TOKEN_INVALID"),
  step("nobody", "chat.resetPassword", { ...unknown, ...differs }, "CONFIRMATION_DIFFERS"),
  step("nobody", "auth.undoEmailChange", unknown, "MAIL_TOKEN_INVALID"),
  step("nobody", "auth.lookupPasswordReset", unknown, "MAIL_TOKEN_INVALID"),
  step("nobody", "chat.changePassword", { password: PASSWORD, ...twice }, "UNAUTHENTICATED"),
  step("ada", "chat.changePassword", twice, "INVALID_INPUT"),
  step("ada", "chat.changePassword", { password: "wrong", ...twice }, "PASSWORD_WRONG"),
  step("ada", "chat.changePassword", { password: PASSWORD, ...differs }, "CONFIRMATION_DIFFERS"),
  step(
    "ada",
    "chat.changeEmail",
    { ...unknown, email: "ada@stoa.test", password: PASSWORD },
    "MAIL_TOKEN_INVALID",
  ),
  step("ada", "auth.requestEmailChange", {}, "EMAIL_MISSING"),
  step("ada", "auth.requestEmailConfirmation", {}, "EMAIL_MISSING"),
];
