import { defineMethod, within } from "../../../core/method.ts";
import { requireSameTwice } from "../accounts/confirmation.ts";
import { confirmationDiffers } from "../accounts/errors.ts";
import type { AccountsKit } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

/** The root key of the account's conversations is no business of the password: it stays wrapped. */
export const resetPassword = ({ auth, people }: AccountsKit) => {
  const account = within(auth.resetPassword);
  return defineMethod({
    name: "chat.resetPassword",
    ...chatAccountsWire.methods["chat.resetPassword"],
    ...account.declared,
    summary: "Sets another password by a link from a mail, and ends every session of the account.",
    errors: [...auth.resetPassword.errors, confirmationDiffers],
    async prepare(call) {
      requireSameTwice(call.input);
      return account.prepare(call, toAuth(call.input));
    },
    async handle({ prepared, ...call }) {
      await account.handle(call, toAuth(call.input), prepared);
      return { keys_locked: await people.hasAccountKeys(call.tx, prepared.account.id) };
    },
  });
};

interface Reset {
  readonly token: string;
  readonly new_password: string;
  readonly otp?: string | undefined;
}

function toAuth({ token, new_password: newPassword, otp }: Reset) {
  return { token, newPassword, otp };
}
