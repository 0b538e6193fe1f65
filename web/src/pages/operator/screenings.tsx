import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { dayName, time } from "../../format.ts";
import { href } from "../../router.ts";
import { nowMs } from "../../ticking.ts";
import { Availability } from "../../ui/availability.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty, Problem, Skeleton } from "../../ui/feedback.tsx";
import { useLoad } from "../../ui/load.ts";
import { type ScreeningSummary, useProgramme } from "../../ui/programme.ts";
import type { Cinema } from "./answers.ts";
import { ScreeningDialog } from "./screening-dialog.tsx";

/** What is on, with its counts live, and the ways to change it. */
export function Screenings({ cinema }: { readonly cinema: Cinema }) {
  const programme = useProgramme(cinema.id);
  const details = useLoad(() => call("cinema.getOne", { id: cinema.id }), String(cinema.id));
  const [editing, setEditing] = useState<ScreeningSummary | "new">();
  const halls = details.value?.halls ?? [];
  return (
    <section class="stack" aria-labelledby="screenings-title">
      <div class="spread">
        <h2 id="screenings-title">Screenings</h2>
        <Button
          kind="primary"
          icon="plus"
          disabled={halls.length === 0}
          onPress={() => setEditing("new")}
        >
          Add a screening
        </Button>
      </div>
      <Problem error={programme.error ?? details.error} retry={details.reload} />
      {programme.screenings === undefined && programme.error === undefined && (
        <Skeleton lines={5} />
      )}
      {programme.screenings?.length === 0 && (
        <Empty icon="ticket" title="Nothing is announced">
          <p>
            {halls.length === 0
              ? "Import a hall first; a screening needs one."
              : "Add the first screening: it is on the cinema’s page at once."}
          </p>
        </Empty>
      )}
      <ul class="desk-rows">
        {programme.screenings?.map((screening) => (
          <li key={screening.id} class="desk-row">
            <div>
              <h3>{screening.title}</h3>
              <p class="soft small">
                {dayName(screening.startsAtMs, nowMs.value)}, {time(screening.startsAtMs)} ·{" "}
                {screening.hallName}
              </p>
            </div>
            <Availability counts={screening.counts} />
            <div class="cluster">
              <a class="button" href={href("operator", "seats", screening.id)}>
                Seats
                <span class="visually-hidden"> of {screening.title}</span>
              </a>
              <Button icon="edit" onPress={() => setEditing(screening)}>
                Edit
                <span class="visually-hidden"> {screening.title}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {editing !== undefined && (
        <ScreeningDialog
          screening={editing === "new" ? undefined : editing}
          halls={halls}
          onClose={() => setEditing(undefined)}
        />
      )}
    </section>
  );
}
