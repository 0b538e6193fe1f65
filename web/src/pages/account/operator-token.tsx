import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { account } from "../../session.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useAction } from "../../ui/load.ts";

/** Makes the first operators of an installation: most people never open this. */
export function OperatorToken() {
  const [token, setToken] = useState("");
  const become = useAction(async () => {
    account.value = await call("auth.becomeOperator", { token: token.trim() });
    toast("You are an operator now. The operator’s page is in the menu.", "good");
  });
  return (
    <section class="card" aria-label="Operator token">
      <Disclosure title="I have an operator token">
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            become.run();
          }}
        >
          <Field
            label="Token"
            value={token}
            look="mono"
            required
            maxLength={64}
            hint="Whoever runs this installation gets one with “stoa admin”. It works once."
            problem={become.problems["token"]}
            onValue={setToken}
          />
          {become.problems["token"] === undefined && <Problem error={become.error} />}
          <div>
            <Button type="submit" busy={become.busy}>
              Become an operator
            </Button>
          </div>
        </form>
      </Disclosure>
    </section>
  );
}
