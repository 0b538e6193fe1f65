import { defineMethod, within } from "../../../core/method.ts";
import { requireSameTwice } from "../accounts/confirmation.ts";
import { confirmationDiffers } from "../accounts/errors.ts";
import type { AccountsKit } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const changePassword = ({ auth }: Pick<AccountsKit, "auth">) => {
  const account = within(auth.changePassword);
  return defineMethod({
    name: "chat.changePassword",
    ...chatAccountsWire.methods["chat.changePassword"],
    ...account.declared,
    summary: "Changes the password and ends every session; a browser's cookie is renewed.",
    errors: [...auth.changePassword.errors, confirmationDiffers],
    async prepare(call) {
      requireSameTwice(call.input);
      return account.prepare(call, toAuth(call.input));
    },
    handle: ({ prepared, ...call }) => account.handle(call, toAuth(call.input), prepared),
  });
};

interface Change {
  readonly password: string;
  readonly new_password: string;
}

function toAuth({ password: currentPassword, new_password: newPassword }: Change) {
  return { currentPassword, newPassword };
}
