import { defineMethod, within } from "../../../core/method.ts";
import type { AccountsKit } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const confirmPasswordReset = ({ auth }: Pick<AccountsKit, "auth">) => {
  const lookup = within(auth.lookupPasswordReset);
  return defineMethod({
    name: "chat.confirmPasswordReset",
    ...chatAccountsWire.methods["chat.confirmPasswordReset"],
    ...lookup.declared,
    summary: "Tells whose password a link from a mail resets, and uses nothing up.",
    async handle({ prepared, ...call }) {
      const { id, email, displayName } = await lookup.handle(call, call.input, prepared);
      return { success: true as const, user: { id, email, display_name: displayName } };
    },
  });
};
