import { useState } from "preact/hooks";
import { call, type Output } from "../../api.ts";
import { count } from "../../format.ts";
import type { Account } from "../../session.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { CodeField, CurrentPassword } from "../../ui/credentials.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction } from "../../ui/load.ts";
import { Enrolment } from "../sign-in/enrolment.tsx";
import { RecoveryCodes } from "../sign-in/recovery-codes.tsx";
import { SensitiveProblem } from "./needs-sign-in.tsx";

/** Fewer codes than this are worth a warning. */
const CODES_LOW = 3;

type Open =
  | { readonly at: "enrol"; readonly enrolment: Output<"auth.enrolTotp"> }
  | { readonly at: "codes"; readonly codes: readonly string[] }
  | { readonly at: "new-codes" }
  | { readonly at: "remove" };

const TITLES: Readonly<Record<Open["at"], string>> = {
  enrol: "Set up your code app",
  codes: "Keep these codes safe",
  "new-codes": "Make new recovery codes",
  remove: "Remove the code app",
};

/** The authenticator app, and the recovery codes for when it is lost. */
export function CodeApp({ account }: { readonly account: Account }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const enrol = useAction(async () => {
    setOpen({ at: "enrol", enrolment: await call("auth.enrolTotp", {}) });
  });
  const low = account.recoveryCodesLeft < CODES_LOW;
  return (
    <section class="card stack" aria-labelledby="code-app-title">
      <div class="spread">
        <h2 class="card-title" id="code-app-title">
          Code app
        </h2>
        <span class={account.hasTotp ? "pill good" : "pill"}>{account.hasTotp ? "On" : "Off"}</span>
      </div>
      {account.hasTotp ? (
        <>
          <p class="soft">
            Your authenticator app gives the six digits you sign in with.{" "}
            <strong class={low ? "warn-text" : undefined}>
              {count(account.recoveryCodesLeft, "recovery code")}
            </strong>{" "}
            left for when you do not have it at hand.
          </p>
          <div class="cluster">
            <Button icon="key" onPress={() => setOpen({ at: "new-codes" })}>
              New recovery codes
            </Button>
            <Button kind="quiet" onPress={() => setOpen({ at: "remove" })}>
              Remove the app
            </Button>
          </div>
        </>
      ) : (
        <>
          <p class="soft">
            With an authenticator app, a stolen password alone opens nothing: signing in needs a
            code from your phone as well.
          </p>
          <SensitiveProblem error={enrol.error} />
          <div>
            <Button icon="shield" busy={enrol.busy} onPress={() => enrol.run()}>
              Set up a code app
            </Button>
          </div>
        </>
      )}
      {open !== undefined && (
        <Dialog title={TITLES[open.at]} onClose={close}>
          {open.at === "enrol" && (
            <Enrolment
              qrCode={open.enrolment.qr_code}
              secret={open.enrolment.secret}
              lead="From now on you sign in with a code of this app."
              action="Turn it on"
              onBack={close}
              onCode={async (code) => {
                const { recoveryCodes } = await call("auth.confirmTotp", { code });
                setOpen({ at: "codes", codes: recoveryCodes });
              }}
            />
          )}
          {open.at === "codes" && (
            <RecoveryCodes
              codes={open.codes}
              username={account.username ?? account.email ?? ""}
              onDone={close}
            />
          )}
          {open.at === "new-codes" && (
            <NewCodes onMade={(codes) => setOpen({ at: "codes", codes })} />
          )}
          {open.at === "remove" && <RemoveApp account={account} onRemoved={close} />}
        </Dialog>
      )}
    </section>
  );
}

function NewCodes(props: { onMade(codes: readonly string[]): void }) {
  const [otp, setOtp] = useState("");
  const make = useAction(async () => {
    props.onMade((await call("auth.newRecoveryCodes", { otp: otp.trim() })).recoveryCodes);
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        make.run();
      }}
    >
      <p>You get ten new codes, and the old ones stop working.</p>
      <CodeField value={otp} problem={make.problems["otp"]} onValue={setOtp} />
      {make.problems["otp"] === undefined && <Problem error={make.error} />}
      <Button type="submit" kind="primary" wide busy={make.busy}>
        Make new codes
      </Button>
    </form>
  );
}

function RemoveApp(props: { readonly account: Account; onRemoved(): void }) {
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const remove = useAction(async () => {
    await call("auth.removeTotp", { currentPassword: password, otp: otp.trim() });
    toast("The code app is removed. You sign in with your password alone.");
    props.onRemoved();
  });
  if (!props.account.hasPassword) {
    return <p>The code app is your only way in. Set a password first, then you can remove it.</p>;
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        remove.run();
      }}
    >
      <p>Your password alone will then open this account.</p>
      <CurrentPassword
        required
        value={password}
        problem={remove.problems["currentPassword"]}
        onValue={setPassword}
      />
      <CodeField
        label="Code of the app, or a recovery code"
        takesRecovery
        value={otp}
        problem={remove.problems["otp"]}
        onValue={setOtp}
      />
      {Object.keys(remove.problems).length === 0 && <Problem error={remove.error} />}
      <Button type="submit" kind="danger" wide busy={remove.busy}>
        Remove the code app
      </Button>
    </form>
  );
}
