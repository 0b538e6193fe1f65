import { useState } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { CodeField } from "../../ui/credentials.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction } from "../../ui/load.ts";

/** The secret in groups of four, as one reads it off. */
function grouped(secret: string): string {
  return secret.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

/** A QR code for an authenticator app, the same secret for typing, and the first code back. */
export function Enrolment(props: {
  readonly qrCode: string;
  readonly secret: string;
  readonly lead: string;
  readonly action: string;
  onCode(code: string): Promise<void>;
  onBack(): void;
}) {
  const [code, setCode] = useState("");
  const confirm = useAction(() => props.onCode(code.trim()));
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.run();
      }}
    >
      <p>{props.lead}</p>
      <ol class="steps">
        <li>
          <p>
            Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.
          </p>
          <img class="qr" src={props.qrCode} alt="QR code for your authenticator app" />
          <Disclosure title="I cannot scan it">
            <p class="soft small">Type this key into the app instead, as a time-based key.</p>
            <div class="secret">
              <code>{grouped(props.secret)}</code>
              <CopyButton text={props.secret} label="Copy key" />
            </div>
          </Disclosure>
        </li>
        <li>
          <CodeField
            label="Type the six digits that the app shows"
            value={code}
            problem={confirm.problems["code"]}
            onValue={setCode}
          />
        </li>
      </ol>
      {confirm.problems["code"] === undefined && <Problem error={confirm.error} />}
      <Button type="submit" kind="primary" wide busy={confirm.busy}>
        {props.action}
      </Button>
      <button type="button" class="link-button" onClick={props.onBack}>
        Go back
      </button>
    </form>
  );
}
