import { post } from "../../api.ts";
import type { Account } from "../../session.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction, useLoad } from "../../ui/load.ts";

interface DemoPerson {
  readonly username: string;
  readonly displayName: string;
  readonly operator: boolean;
}

interface Demo {
  readonly people: readonly DemoPerson[];
  readonly password: string;
}

/** Who can be signed in as, if this installation was filled to be tried out. */
async function findDemo(): Promise<Demo | null> {
  const answer = await fetch("/health");
  const health: unknown = await answer.json();
  const isDemo =
    typeof health === "object" && health !== null && "demo" in health && health.demo === true;
  if (!isDemo) return null;
  await import("../../schemas-without-eval.ts");
  const { DEMO_PASSWORD, DEMO_PEOPLE } = await import("../../../../src/modules/auth/types.ts");
  return { people: DEMO_PEOPLE, password: DEMO_PASSWORD };
}

/** One press signs in as one of the demo people, so that two windows are two persons at once. */
export function DemoHint(props: { onDone(account: Account): void }) {
  const demo = useLoad(findDemo, "demo").value;
  const login = useAction(async (username: string, secret: string) => {
    props.onDone((await post("auth.login", { username, secret })).account);
  });
  if (demo == null) return null;
  return (
    <section class="card demo stack tight" aria-labelledby="demo-title">
      <h2 class="card-title" id="demo-title">
        Just looking around?
      </h2>
      <p class="soft">
        This installation holds demo data. Be one of these people; their password is{" "}
        <code>{demo.password}</code>. Open a private window to be another one at the same time.
      </p>
      <Problem error={login.error} />
      <div class="cluster">
        {demo.people.map(({ username, displayName, operator }) => (
          <Button
            key={username}
            busy={login.busy}
            onPress={() => login.run(username, demo.password)}
          >
            {displayName}
            {operator && <span class="pill accent">operator</span>}
          </Button>
        ))}
      </div>
    </section>
  );
}
