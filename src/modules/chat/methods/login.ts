import { defineMethod, within } from "../../../core/method.ts";
import { type AccountsKit, signedInAnswer } from "../accounts/parts.ts";
import { chatAccountsWire } from "../types/accounts.ts";

export const login = ({ auth, people }: AccountsKit) => {
  const account = within(auth.login);
  return defineMethod({
    name: "chat.login",
    ...chatAccountsWire.methods["chat.login"],
    ...account.declared,
    summary: "Signs in by email address and password, with a code if an app is enrolled.",
    prepare: (call) => account.prepare(call, toAuth(call.input)),
    async handle({ prepared, ...call }) {
      const signedIn = await account.handle(call, toAuth(call.input), prepared);
      return signedInAnswer(people, call.tx, signedIn);
    },
  });
};

interface Login {
  readonly email: string;
  readonly password: string;
  readonly otp?: string | undefined;
}

function toAuth({ email, password, otp }: Login) {
  return { username: email, secret: password, otp };
}
