import { changeEmail } from "../methods/changeEmail.ts";
import { changePassword } from "../methods/changePassword.ts";
import { confirmPasswordReset } from "../methods/confirmPasswordReset.ts";
import { login } from "../methods/login.ts";
import { refresh } from "../methods/refresh.ts";
import { register } from "../methods/register.ts";
import { resetPassword } from "../methods/resetPassword.ts";
import type { AccountsKit } from "./parts.ts";

/** The methods about accounts, by their names. */
export function accountMethods(kit: AccountsKit) {
  return {
    register: register(kit),
    login: login(kit),
    refresh: refresh(kit),
    confirmPasswordReset: confirmPasswordReset(kit),
    resetPassword: resetPassword(kit),
    changePassword: changePassword(kit),
    changeEmail: changeEmail(kit),
  };
}
