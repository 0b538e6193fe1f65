import { navigate } from "../router.ts";
import { account, signOut } from "../session.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/feedback.tsx";
import { useAction } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { CodeApp } from "./account/code-app.tsx";
import { EmailCard } from "./account/email.tsx";
import { OperatorToken } from "./account/operator-token.tsx";
import { PasswordCard } from "./account/password.tsx";
import { ProfileCard } from "./account/profile.tsx";
import { SecurityEvents } from "./account/security-events.tsx";
import { Sessions } from "./account/sessions.tsx";

export function AccountPage() {
  const mine = account.value;
  const leave = useAction(async () => {
    await signOut();
    navigate("#/");
  });
  if (mine == null) return null;
  return (
    <div class="page">
      <div class="spread">
        <PageTitle title="Your account" />
        <Button busy={leave.busy} onPress={() => leave.run()}>
          Sign out
        </Button>
      </div>
      <Problem error={leave.error} />
      <div class="columns">
        <div class="stack">
          <ProfileCard account={mine} />
          <EmailCard account={mine} />
          <PasswordCard account={mine} />
          <CodeApp account={mine} />
        </div>
        <div class="stack">
          <Sessions />
          <SecurityEvents />
          {!mine.operator && <OperatorToken />}
        </div>
      </div>
    </div>
  );
}
