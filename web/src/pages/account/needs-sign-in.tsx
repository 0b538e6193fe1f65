import { codeOf } from "../../api.ts";
import { navigate } from "../../router.ts";
import { signOut } from "../../session.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction } from "../../ui/load.ts";

/** An error of a change that needs a fresh sign-in, with the way to one. */
export function SensitiveProblem({ error }: { readonly error: unknown }) {
  const again = useAction(async () => {
    await signOut();
    navigate("#/sign-in?next=%23%2Faccount");
  });
  return (
    <>
      <Problem error={error} />
      {codeOf(error) === "REAUTHENTICATION_NEEDED" && (
        <div>
          <Button icon="key" busy={again.busy} onPress={() => again.run()}>
            Sign in again
          </Button>
        </div>
      )}
    </>
  );
}
