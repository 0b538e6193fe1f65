import { defineMethod, within } from "../../../core/method.ts";
import { type AccountsKit, signedInAnswer } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const refresh = ({ auth, people }: AccountsKit) => {
  const account = within(auth.refresh);
  return defineMethod({
    name: "chat.refresh",
    ...chatAccountsWire.methods["chat.refresh"],
    ...account.declared,
    summary: "Exchanges a refresh token for an auth token and the next refresh token.",
    prepare: (call) => account.prepare(call, { refreshToken: call.input.token }),
    async handle({ prepared, ...call }) {
      const signedIn = await account.handle(call, { refreshToken: call.input.token }, prepared);
      return signedInAnswer(people, call.tx, signedIn);
    },
  });
};
