import { defineMethod, within } from "../../../core/method.ts";
import type { AccountsKit } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const changeEmail = ({ auth }: Pick<AccountsKit, "auth">) => {
  const account = within(auth.replaceEmail);
  return defineMethod({
    name: "chat.changeEmail",
    ...chatAccountsWire.methods["chat.changeEmail"],
    ...account.declared,
    summary:
      "Changes the address at once, by a permit mailed to the former one, which can undo it.",
    prepare: (call) => account.prepare(call, toAuth(call.input)),
    handle: ({ prepared, ...call }) => account.handle(call, toAuth(call.input), prepared),
  });
};

interface Change {
  readonly token: string;
  readonly email: string;
  readonly password: string;
}

function toAuth({ token, email, password: currentPassword }: Change) {
  return { token, email, currentPassword };
}
