import { call, type Output } from "../../api.ts";
import { ago, device } from "../../format.ts";
import { securityNews } from "../../session.ts";
import { nowMs } from "../../ticking.ts";
import { Button } from "../../ui/button.tsx";
import { Problem, Skeleton } from "../../ui/feedback.tsx";
import { useAction, useLoad, useNews } from "../../ui/load.ts";

type Event = Output<"auth.listSecurityEvents">["events"][number];

const PAGE = 8;

const WORDS: Readonly<Record<Event["kind"], string>> = {
  signed_in: "Signed in",
  sign_in_failed_often: "Several failed attempts to sign in",
  refresh_token_reused: "An old token was used again, so its session was ended",
  password_changed: "Password changed",
  password_reset: "Password reset by mail",
  email_changed: "Email address changed",
  email_restored: "A change of the email address was undone",
  totp_enrolled: "Code app set up",
  totp_removed: "Code app removed",
  recovery_codes_made: "New recovery codes made",
  recovery_code_used: "A recovery code was used",
  signed_out_everywhere: "Signed out everywhere",
  operator_granted: "Became an operator",
};

export function SecurityEvents() {
  const events = useLoad(() => call("auth.listSecurityEvents", { limit: PAGE }), "events");
  useNews(events, securityNews.value);
  const page = events.value;
  const more = useAction(async () => {
    const before = page?.events.at(-1)?.id;
    if (page === undefined || before === undefined) return;
    const next = await call("auth.listSecurityEvents", { limit: PAGE, before });
    events.set({ events: [...page.events, ...next.events], more: next.more });
  });
  return (
    <section class="card stack" aria-labelledby="events-title">
      <h2 class="card-title" id="events-title">
        What happened on your account
      </h2>
      <p class="soft small">
        Something here was not you? Change your password and sign out everywhere.
      </p>
      <Problem error={events.error ?? more.error} retry={events.reload} />
      {page === undefined && events.error === undefined && <Skeleton lines={3} />}
      <ul class="rows">
        {page?.events.map((event) => (
          <li key={event.id}>
            <p class="strong">{WORDS[event.kind]}</p>
            <p class="soft small">
              {ago(event.atMs, nowMs.value)} · {device(event.userAgent)} · {event.address}
            </p>
          </li>
        ))}
      </ul>
      {page?.more && (
        <div>
          <Button busy={more.busy} onPress={() => more.run()}>
            Show older ones
          </Button>
        </div>
      )}
    </section>
  );
}
