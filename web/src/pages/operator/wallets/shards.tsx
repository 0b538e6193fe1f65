import { call } from "../../../api.ts";
import { number } from "../../../format.ts";
import { Loading } from "../../../ui/feedback.tsx";
import { TableFrame } from "../../../ui/table-frame.tsx";
import { useRefreshed } from "./refreshed.ts";

export function Shards() {
  const state = useRefreshed(() => call("wallet.shards", {}), "shards");
  const { shards, inFlight, leads } = state.value ?? {};
  return (
    <section class="stack" aria-labelledby="shards-title">
      <h2 id="shards-title">Shards</h2>
      <Loading of={state} lines={3} />
      {shards !== undefined && (
        <>
          <p class="soft">
            {leads
              ? `This node carries transfers through. Moving now: ${number(inFlight ?? 0)}.`
              : "Another node carries transfers through."}
          </p>
          <TableFrame label="Shards">
            <table>
              <thead>
                <tr>
                  <th scope="col">Shard</th>
                  <th scope="col">State</th>
                  <th scope="col" class="figure">
                    Wallets
                  </th>
                  <th scope="col" class="figure">
                    Entries
                  </th>
                  <th scope="col" class="figure">
                    Commits
                  </th>
                </tr>
              </thead>
              <tbody>
                {shards.map(({ shard, reachable, wallets, entries, batch }) => (
                  <tr key={shard}>
                    <th scope="row">{shard}</th>
                    <td>
                      <span class={reachable ? "pill good" : "pill bad"}>
                        {reachable ? "Answers" : "Does not answer"}
                      </span>
                    </td>
                    <td class="figure">{reachable ? number(wallets) : "–"}</td>
                    <td class="figure">{reachable ? number(entries) : "–"}</td>
                    <td class="figure">{reachable ? batch : "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </>
      )}
    </section>
  );
}
