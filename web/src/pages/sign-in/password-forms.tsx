import { useState } from "preact/hooks";
import { codeOf, post } from "../../api.ts";
import { href } from "../../router.ts";
import type { Account } from "../../session.ts";
import { Button } from "../../ui/button.tsx";
import { CurrentPassword, NewPassword, SecondFactor } from "../../ui/credentials.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction } from "../../ui/load.ts";

interface FormProps {
  readonly username: string;
  onUsername(username: string): void;
  onBack(): void;
  onDone(account: Account): void;
}

export function PasswordForm(props: FormProps & { onRegister(): void }) {
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const [needsOtp, setNeedsOtp] = useState(false);
  const login = useAction(async () => {
    try {
      const answer = await post("auth.login", {
        username: props.username.trim(),
        secret: password,
        ...(needsOtp && otp !== "" ? { otp: otp.trim() } : {}),
      });
      props.onDone(answer.account);
    } catch (error) {
      if (codeOf(error) === "OTP_REQUIRED" && !needsOtp) return setNeedsOtp(true);
      throw error;
    }
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        login.run();
      }}
    >
      <Field
        label="Username or email"
        value={props.username}
        autocomplete="username"
        required
        isFirst
        maxLength={254}
        problem={login.problems["username"]}
        onValue={props.onUsername}
      />
      <CurrentPassword
        label="Password"
        required
        value={password}
        problem={login.problems["secret"]}
        onValue={setPassword}
      />
      {needsOtp && <SecondFactor value={otp} problem={login.problems["otp"]} onValue={setOtp} />}
      <Problem error={login.error} />
      <Button type="submit" kind="primary" wide busy={login.busy}>
        Sign in
      </Button>
      <div class="spread">
        <a class="link-button" href={href("forgot-password")}>
          Forgot your password?
        </a>
        <button type="button" class="link-button" onClick={props.onRegister}>
          Join with a password
        </button>
      </div>
      <button type="button" class="link-button" onClick={props.onBack}>
        Use a code app instead
      </button>
    </form>
  );
}

export function RegisterForm(props: FormProps) {
  const startsAsEmail = props.username.includes("@");
  const [email, setEmail] = useState(startsAsEmail ? props.username : "");
  const [name, setName] = useState(startsAsEmail ? "" : props.username);
  const [password, setPassword] = useState("");
  const register = useAction(async () => {
    const answer = await post("auth.register", {
      password,
      ...(name.trim() === "" ? {} : { username: name.trim() }),
      ...(email.trim() === "" ? {} : { email: email.trim() }),
    });
    props.onDone(answer.account);
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        register.run();
      }}
    >
      <p class="soft">Give a username, an email address, or both.</p>
      <Field
        label="Username"
        value={name}
        autocomplete="username"
        maxLength={64}
        problem={register.problems["username"]}
        onValue={setName}
      />
      <Field
        label="Email"
        type="email"
        value={email}
        autocomplete="email"
        inputMode="email"
        maxLength={254}
        hint="Only with an email address can you reset a forgotten password."
        problem={register.problems["email"]}
        onValue={setEmail}
      />
      <NewPassword
        label="Password"
        value={password}
        problem={register.problems["password"]}
        onValue={setPassword}
      />
      {Object.keys(register.problems).length === 0 && <Problem error={register.error} />}
      <Button type="submit" kind="primary" wide busy={register.busy}>
        Join
      </Button>
      <button type="button" class="link-button" onClick={props.onBack}>
        I have an account already
      </button>
    </form>
  );
}
