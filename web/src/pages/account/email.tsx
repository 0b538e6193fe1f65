import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import type { Account } from "../../session.ts";
import { Button } from "../../ui/button.tsx";
import { CurrentPassword } from "../../ui/credentials.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Notice, Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction } from "../../ui/load.ts";
import { SensitiveProblem } from "./needs-sign-in.tsx";

export function EmailCard({ account }: { readonly account: Account }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [sentTo, setSentTo] = useState<string>();
  const [sentAgain, setSentAgain] = useState(false);
  const again = useAction(async () => {
    await call("auth.requestEmailConfirmation", {});
    setSentAgain(true);
  });
  const change = useAction(async () => {
    await call("auth.changeEmail", {
      email: email.trim(),
      ...(password === "" ? {} : { currentPassword: password }),
    });
    setSentTo(email.trim());
    setEmail("");
    setPassword("");
  });
  return (
    <section class="card stack tight" aria-labelledby="email-title">
      <div class="spread">
        <h2 class="card-title" id="email-title">
          Email
        </h2>
        {account.email !== null && (
          <span class={account.emailConfirmed ? "pill good" : "pill warn"}>
            {account.emailConfirmed ? "Confirmed" : "Not confirmed"}
          </span>
        )}
      </div>
      <p class="soft">
        {account.email === null
          ? "You have given no address. With one you can reset a forgotten password and are told of new sign-ins."
          : account.email}
      </p>
      {account.email !== null && !account.emailConfirmed && (
        <>
          <p class="soft small">Open the link in the mail we sent to this address to confirm it.</p>
          <Problem error={again.error} />
          <div>
            <Button busy={again.busy} onPress={() => again.run()}>
              Send it again
            </Button>
          </div>
        </>
      )}
      {sentAgain && (
        <Notice kind="good">
          <p>The mail is on its way.</p>
        </Notice>
      )}
      {sentTo !== undefined && (
        <Notice kind="good">
          <p>
            A link is on its way to <strong>{sentTo}</strong>. The address is yours here once you
            open it.
          </p>
        </Notice>
      )}
      <Disclosure title={account.email === null ? "Add an address" : "Change the address"}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            change.run();
          }}
        >
          <Field
            label={account.email === null ? "Email address" : "New email address"}
            type="email"
            inputMode="email"
            value={email}
            autocomplete="email"
            required
            maxLength={254}
            problem={change.problems["email"]}
            onValue={setEmail}
          />
          {account.hasPassword && (
            <CurrentPassword
              hint="Not needed in the first 15 minutes after signing in."
              value={password}
              problem={change.problems["currentPassword"]}
              onValue={setPassword}
            />
          )}
          {Object.keys(change.problems).length === 0 && <SensitiveProblem error={change.error} />}
          <div>
            <Button type="submit" busy={change.busy}>
              {account.email === null ? "Add the address" : "Change the address"}
            </Button>
          </div>
        </form>
      </Disclosure>
    </section>
  );
}
