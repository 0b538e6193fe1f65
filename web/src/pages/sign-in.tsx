import { useEffect, useState } from "preact/hooks";
import { codeOf, type Output, post } from "../api.ts";
import { location, redirect, safeNext } from "../router.ts";
import { type Account, account, signedIn } from "../session.ts";
import { Button } from "../ui/button.tsx";
import { CodeField } from "../ui/credentials.tsx";
import { Problem } from "../ui/feedback.tsx";
import { Field } from "../ui/field.tsx";
import { useAction } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { DemoHint } from "./sign-in/demo-hint.tsx";
import { Enrolment } from "./sign-in/enrolment.tsx";
import { PasswordForm, RegisterForm } from "./sign-in/password-forms.tsx";
import { RecoveryCodes } from "./sign-in/recovery-codes.tsx";

type Started = Output<"auth.start">;
type Candidate = Extract<Started, { status: "candidate" }>;

type Step =
  | { readonly at: "name" }
  | { readonly at: "code" }
  | { readonly at: "enrol"; readonly candidate: Candidate }
  | { readonly at: "recovery"; readonly codes: readonly string[] }
  | { readonly at: "password" }
  | { readonly at: "register" };

const TITLES: Readonly<Record<Step["at"], string>> = {
  name: "Sign in or join",
  code: "Enter your code",
  enrol: "Set up your code app",
  recovery: "Keep these codes safe",
  password: "Sign in with a password",
  register: "Join with a password",
};

export function SignInPage() {
  const [step, setStep] = useState<Step>({ at: "name" });
  const [username, setUsername] = useState("");
  const next = safeNext(location.value.query.get("next"));
  const done = (mine: Account, codes?: readonly string[]) => {
    if (codes !== undefined && codes.length > 0) setStep({ at: "recovery", codes });
    else redirect(next);
    signedIn(mine);
  };
  const alreadyIn = account.value != null && step.at !== "recovery";
  useEffect(() => {
    if (alreadyIn) redirect(next);
  }, [alreadyIn, next]);
  const back = () => setStep({ at: "name" });
  return (
    <div class="page sign-in">
      <div class="card stack">
        <PageTitle key={step.at} title={TITLES[step.at]} />
        {step.at === "name" && (
          <NameStep
            username={username}
            onUsername={setUsername}
            onStarted={(started) =>
              setStep(
                started.status === "user" ? { at: "code" } : { at: "enrol", candidate: started },
              )
            }
            onPassword={() => setStep({ at: "password" })}
          />
        )}
        {step.at === "code" && (
          <CodeStep
            username={username}
            onBack={back}
            onPassword={() => setStep({ at: "password" })}
            onDone={done}
          />
        )}
        {step.at === "enrol" && (
          <Enrolment
            qrCode={step.candidate.qr_code}
            secret={step.candidate.secret}
            lead={`“${username.trim()}” is free. It is yours once you have entered a first code.`}
            action="Join"
            onCode={async (code) => {
              const answer = await post("auth.confirm", {
                username: username.trim(),
                code,
                challenge: step.candidate.challenge,
              });
              done(answer.account, answer.recoveryCodes);
            }}
            onBack={back}
          />
        )}
        {step.at === "recovery" && (
          <RecoveryCodes
            codes={step.codes}
            username={username.trim()}
            onDone={() => redirect(next)}
          />
        )}
        {step.at === "password" && (
          <PasswordForm
            username={username}
            onUsername={setUsername}
            onRegister={() => setStep({ at: "register" })}
            onBack={back}
            onDone={done}
          />
        )}
        {step.at === "register" && (
          <RegisterForm
            username={username}
            onUsername={setUsername}
            onBack={() => setStep({ at: "password" })}
            onDone={done}
          />
        )}
      </div>
      {(step.at === "name" || step.at === "password") && <DemoHint onDone={done} />}
    </div>
  );
}

function NameStep(props: {
  readonly username: string;
  onUsername(username: string): void;
  onStarted(started: Started): void;
  onPassword(): void;
}) {
  const start = useAction(async () => {
    props.onStarted(await post("auth.start", { username: props.username.trim() }));
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        start.run();
      }}
    >
      <p class="soft">
        Type your name. If it is new you join with it; if it is yours you enter the code of your
        authenticator app. No password is needed.
      </p>
      <Field
        label="Username"
        value={props.username}
        autocomplete="username"
        required
        isFirst
        maxLength={64}
        problem={start.problems["username"]}
        onValue={props.onUsername}
      />
      {start.problems["username"] === undefined && <Problem error={start.error} />}
      <Button type="submit" kind="primary" wide busy={start.busy}>
        Continue
      </Button>
      <button type="button" class="link-button" onClick={props.onPassword}>
        Use a password instead
      </button>
    </form>
  );
}

function CodeStep(props: {
  readonly username: string;
  onBack(): void;
  onPassword(): void;
  onDone(account: Account): void;
}) {
  const [code, setCode] = useState("");
  const confirm = useAction(async () => {
    const username = props.username.trim();
    const answer = await post("auth.confirm", { username, code: code.trim() });
    props.onDone(answer.account);
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.run();
      }}
    >
      <p class="soft">
        Welcome back, <strong>{props.username.trim()}</strong>. Open your authenticator app and type
        the six digits it shows for Stoa. A recovery code works as well.
      </p>
      <CodeField
        label="Code"
        isFirst
        takesRecovery
        value={code}
        problem={confirm.problems["code"]}
        onValue={setCode}
      />
      {confirm.problems["code"] === undefined && <Problem error={confirm.error} />}
      {codeOf(confirm.error) !== undefined && (
        <p class="soft small">
          Codes change every 30 seconds and work once. If they never fit, check that your phone sets
          its time automatically.
        </p>
      )}
      <Button type="submit" kind="primary" wide busy={confirm.busy}>
        Sign in
      </Button>
      <div class="spread">
        <button type="button" class="link-button" onClick={props.onBack}>
          Another name
        </button>
        <button type="button" class="link-button" onClick={props.onPassword}>
          Use a password instead
        </button>
      </div>
    </form>
  );
}
