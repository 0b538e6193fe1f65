import { defineMethod, within } from "../../../core/method.ts";
import { type AccountsKit, signedInAnswer } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const register = ({ auth, people }: AccountsKit) => {
  const account = within(auth.register);
  return defineMethod({
    name: "chat.register",
    ...chatAccountsWire.methods["chat.register"],
    ...account.declared,
    summary: "Makes an account with an email address and a password, and signs it in.",
    prepare: (call) => account.prepare(call, toAuth(call.input)),
    async handle({ prepared, ...call }) {
      const signedIn = await account.handle(call, toAuth(call.input), prepared);
      await people.registered(call, signedIn.account);
      return signedInAnswer(people, call.tx, signedIn);
    },
  });
};

interface Registration {
  readonly email: string;
  readonly password: string;
  readonly display_name?: string | undefined;
}

function toAuth({ email, password, display_name: displayName }: Registration) {
  return { email, password, displayName };
}
