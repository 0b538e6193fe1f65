import { useState } from "preact/hooks";
import { call, post } from "../api.ts";
import { href } from "../router.ts";
import { Button } from "../ui/button.tsx";
import { Notice, Problem } from "../ui/feedback.tsx";
import { Field } from "../ui/field.tsx";
import { useAction } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";

/** Where the permit leads that is mailed to the present address. */
export function ChangeEmailPage({ token }: { readonly token: string }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const change = useAction(async () => {
    await call("auth.replaceEmail", {
      token,
      email: email.trim(),
      ...(password === "" ? {} : { currentPassword: password }),
    });
    setDone(true);
  });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle title="Change your email address" />
        {done ? (
          <>
            <Notice kind="good">
              <p>
                Your address is <strong>{email.trim()}</strong> now. Open the link that we mailed
                there to confirm it.
              </p>
            </Notice>
            <a class="button primary" href={href("account")}>
              Go to your account
            </a>
          </>
        ) : (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              change.run();
            }}
          >
            <Field
              label="New email address"
              type="email"
              inputMode="email"
              value={email}
              autocomplete="email"
              required
              maxLength={254}
              hint="Your former address gets a link that takes the change back."
              problem={change.problems["email"]}
              onValue={setEmail}
            />
            <Field
              label="Current password"
              type="password"
              value={password}
              autocomplete="current-password"
              maxLength={128}
              hint="Not needed in the first 15 minutes after signing in."
              problem={change.problems["currentPassword"]}
              onValue={setPassword}
            />
            {Object.keys(change.problems).length === 0 && <Problem error={change.error} />}
            <Button type="submit" kind="primary" wide busy={change.busy}>
              Change the address
            </Button>
          </form>
        )}
      </div>
    </div>
  );
}

/** Where the former address is led that did not want the change. A press uses the link up. */
export function UndoEmailChangePage({ token }: { readonly token: string }) {
  const [done, setDone] = useState(false);
  const undo = useAction(async () => {
    await post("auth.undoEmailChange", { token });
    setDone(true);
  });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle title="Take the change of address back" />
        {done ? (
          <>
            <Notice kind="good">
              <p>
                Your account has its former address again, and everybody is signed out. A link to
                choose another password is on its way to that address.
              </p>
            </Notice>
            <a class="button primary" href={href("forgot-password")}>
              Ask for the link again
            </a>
          </>
        ) : (
          <>
            <p class="soft">
              Somebody changed the email address of your account. If it was not you, press the
              button: the former address comes back, and all sessions end.
            </p>
            <Problem error={undo.error} />
            <Button kind="primary" wide busy={undo.busy} onPress={() => undo.run()}>
              It was not me
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
