import { useState } from "preact/hooks";
import { call, codeOf, post } from "../api.ts";
import { href } from "../router.ts";
import { account } from "../session.ts";
import { Button } from "../ui/button.tsx";
import { NewPassword, SecondFactor } from "../ui/credentials.tsx";
import { Notice, Problem, Skeleton } from "../ui/feedback.tsx";
import { Field } from "../ui/field.tsx";
import { useAction, useLoad } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";

/** Asks for a mail with which to choose another password. */
export function ForgotPage() {
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const request = useAction(async () => {
    await post("auth.requestPasswordReset", { email: email.trim() });
    setSent(true);
  });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle title="Forgot your password?" />
        {sent ? (
          <>
            <Notice kind="good">
              <p>
                If an account with <strong>{email.trim()}</strong> exists, a link to choose another
                password is on its way. Look into your mailbox.
              </p>
            </Notice>
            <a class="button" href="#/sign-in">
              Back to signing in
            </a>
          </>
        ) : (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              request.run();
            }}
          >
            <p class="soft">We send you a link with which you choose another one.</p>
            <Field
              label="Email"
              type="email"
              inputMode="email"
              value={email}
              autocomplete="email"
              required
              maxLength={254}
              problem={request.problems["email"]}
              onValue={setEmail}
            />
            {request.problems["email"] === undefined && <Problem error={request.error} />}
            <Button type="submit" kind="primary" wide busy={request.busy}>
              Send the link
            </Button>
            <a class="link-button" href="#/sign-in">
              Back to signing in
            </a>
          </form>
        )}
      </div>
    </div>
  );
}

/** Where the link of such a mail leads. */
export function ResetPage({ token }: { readonly token: string }) {
  const lookup = useLoad(() => call("auth.lookupMailToken", { token }), token);
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const [needsOtp, setNeedsOtp] = useState(false);
  const [done, setDone] = useState(false);
  const reset = useAction(async () => {
    try {
      await post("auth.resetPassword", {
        token,
        newPassword: password,
        ...(needsOtp && otp !== "" ? { otp: otp.trim() } : {}),
      });
      setDone(true);
    } catch (error) {
      if (codeOf(error) === "OTP_REQUIRED" && !needsOtp) return setNeedsOtp(true);
      throw error;
    }
  });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle title="Choose another password" />
        {lookup.error !== undefined && (
          <>
            <Problem error={lookup.error} />
            <a class="button" href={href("forgot-password")}>
              Ask for another link
            </a>
          </>
        )}
        {lookup.value === undefined && lookup.error === undefined && <Skeleton lines={2} />}
        {done && (
          <>
            <Notice kind="good">
              <p>Your password is set, and you are signed out everywhere. Sign in with it now.</p>
            </Notice>
            <a class="button primary" href="#/sign-in">
              Sign in
            </a>
          </>
        )}
        {lookup.value !== undefined && !done && (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              reset.run();
            }}
          >
            <NewPassword
              value={password}
              problem={reset.problems["newPassword"]}
              onValue={setPassword}
            />
            {needsOtp && (
              <SecondFactor value={otp} problem={reset.problems["otp"]} onValue={setOtp} />
            )}
            {Object.keys(reset.problems).length === 0 && <Problem error={reset.error} />}
            <Button type="submit" kind="primary" wide busy={reset.busy}>
              Set the password
            </Button>
          </form>
        )}
      </div>
    </div>
  );
}

/** Where the link of a confirming mail leads. A press of the button, not the visit, uses it up. */
export function ConfirmEmailPage({ token }: { readonly token: string }) {
  const [done, setDone] = useState(false);
  const confirm = useAction(async () => {
    const confirmed = await post("auth.confirmEmail", { token });
    if (account.peek()?.id === confirmed.id) account.value = confirmed;
    setDone(true);
  });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle title="Confirm your email address" />
        {done ? (
          <>
            <Notice kind="good">
              <p>The address is confirmed. Thank you.</p>
            </Notice>
            <a class="button primary" href="#/">
              See what is on
            </a>
          </>
        ) : (
          <>
            <p class="soft">Press the button to tell us that this mailbox is yours.</p>
            <Problem error={confirm.error} />
            <Button kind="primary" wide busy={confirm.busy} onPress={() => confirm.run()}>
              Confirm the address
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
