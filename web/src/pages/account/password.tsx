import { useState } from "preact/hooks";
import { post } from "../../api.ts";
import { type Account, signedIn } from "../../session.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { CurrentPassword, NewPassword } from "../../ui/credentials.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { useAction } from "../../ui/load.ts";
import { SensitiveProblem } from "./needs-sign-in.tsx";

export function PasswordCard({ account }: { readonly account: Account }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useAction(async () => {
    // Every session ends; over HTTP the answer carries the cookie of another one.
    await post("auth.changePassword", {
      newPassword: next,
      ...(current === "" ? {} : { currentPassword: current }),
    });
    signedIn(account);
    setCurrent("");
    setNext("");
    toast("Your password is set. All other sessions have ended.", "good");
  });
  return (
    <section class="card" aria-labelledby="password-title">
      <div class="spread">
        <h2 class="card-title" id="password-title">
          Password
        </h2>
        <span class={account.hasPassword ? "pill good" : "pill"}>
          {account.hasPassword ? "Set" : "None"}
        </span>
      </div>
      <Disclosure title={account.hasPassword ? "Change password" : "Set a password"}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            change.run();
          }}
        >
          {account.hasPassword && (
            <CurrentPassword
              hint="Not needed in the first 15 minutes after signing in."
              value={current}
              problem={change.problems["currentPassword"]}
              onValue={setCurrent}
            />
          )}
          <NewPassword value={next} problem={change.problems["newPassword"]} onValue={setNext} />
          {Object.keys(change.problems).length === 0 && <SensitiveProblem error={change.error} />}
          <div>
            <Button type="submit" busy={change.busy}>
              {account.hasPassword ? "Change password" : "Set a password"}
            </Button>
          </div>
        </form>
      </Disclosure>
    </section>
  );
}
