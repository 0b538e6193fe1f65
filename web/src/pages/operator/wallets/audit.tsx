import { useState } from "preact/hooks";
import { call, type Output } from "../../../api.ts";
import { count, moment } from "../../../format.ts";
import { announce } from "../../../ui/announce.ts";
import { Button } from "../../../ui/button.tsx";
import { Notice, Problem } from "../../../ui/feedback.tsx";
import { useAction } from "../../../ui/load.ts";

type Result = Output<"wallet.audit">;

function verdict({ ok, findings }: Result): string {
  if (ok) return "Everything adds up.";
  return `${count(findings.length, "thing")} ${findings.length === 1 ? "does" : "do"} not add up.`;
}

/** Has all of it added up: every shard, what is between them, and the journal. */
export function Audit() {
  const [result, setResult] = useState<Result>();
  const audit = useAction(async () => {
    const found = await call("wallet.audit", {});
    setResult(found);
    announce(verdict(found));
  });
  return (
    <section class="stack" aria-labelledby="audit-title">
      <div class="spread">
        <h2 id="audit-title">Audit</h2>
        <Button icon="shield" busy={audit.busy} onPress={() => audit.run()}>
          Run the audit
        </Button>
      </div>
      <Problem error={audit.error} />
      {result === undefined ? (
        <p class="soft">
          Adds up every shard, what is between them, and the journal: nothing may have come from
          nowhere or be lost.
        </p>
      ) : (
        <Notice kind={result.ok ? "good" : "bad"}>
          <p class="strong">{verdict(result)}</p>
          {!result.ok && (
            <ul class="problems">
              {result.findings.map((finding) => (
                <li key={finding}>{finding}</li>
              ))}
            </ul>
          )}
          <p class="small">
            {count(result.wallets, "account")}, {count(result.entries, "entry", "entries")},{" "}
            {count(result.inFlight, "transfer")} in flight · {moment(result.atMs)}
          </p>
        </Notice>
      )}
    </section>
  );
}
