import { call } from "../../api.ts";
import { ago, device, moment } from "../../format.ts";
import { navigate } from "../../router.ts";
import { sessionNews, signOut } from "../../session.ts";
import { nowMs } from "../../ticking.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Loading, Problem } from "../../ui/feedback.tsx";
import { useAction, useLoad, useNews } from "../../ui/load.ts";

/** Where one is signed in, and how to end it. */
export function Sessions() {
  const sessions = useLoad(async () => (await call("auth.listSessions", {})).sessions, "sessions");
  useNews(sessions, sessionNews.value);
  const revoke = useAction(async (sessionId: string) => {
    await call("auth.revokeSession", { sessionId });
    toast("That session has ended.");
  });
  const everywhere = useAction(async () => {
    await signOut(true);
    navigate("#/");
  });
  return (
    <section class="card stack" aria-labelledby="sessions-title">
      <h2 class="card-title" id="sessions-title">
        Where you are signed in
      </h2>
      <Loading of={sessions} lines={2} />
      <ul class="rows">
        {sessions.value?.map((session) => (
          <li key={session.id} class="spread">
            <div>
              <p class="strong">
                {device(session.userAgent)}{" "}
                {session.current && <span class="pill good">This one</span>}
              </p>
              <p class="soft small">
                {session.address} · seen {ago(session.lastSeenAtMs, nowMs.value)} · since{" "}
                {moment(session.createdAtMs)}
              </p>
            </div>
            {!session.current && (
              <Button busy={revoke.busy} onPress={() => revoke.run(session.id)}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Problem error={revoke.error ?? everywhere.error} />
      <div>
        <Button kind="danger" busy={everywhere.busy} onPress={() => everywhere.run()}>
          Sign out everywhere
        </Button>
      </div>
    </section>
  );
}
