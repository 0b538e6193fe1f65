import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { count } from "../../format.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Problem, Skeleton } from "../../ui/feedback.tsx";
import { useAction, useLoad } from "../../ui/load.ts";
import { saveFile } from "../../ui/save-file.ts";
import type { Cinema, HallSummary } from "./answers.ts";
import { HallDialog } from "./hall-dialog.tsx";
import { writeHallFile } from "./hall-file.ts";

/** A file's name of what may be in a hall's. */
function fileName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  return `${plain.replaceAll(/^-|-$/g, "") || "hall"}.json`;
}

export function Halls({ cinema }: { readonly cinema: Cinema }) {
  const details = useLoad(() => call("cinema.getOne", { id: cinema.id }), String(cinema.id));
  const [editing, setEditing] = useState<HallSummary | "new">();
  const exportHall = useAction(async (hall: HallSummary) => {
    const { name, plan } = await call("cinema.getHall", { id: hall.id });
    saveFile(fileName(name), "application/json", writeHallFile({ name, plan }));
    toast(`${name} is exported.`, "good");
  });
  const halls = details.value?.halls;
  return (
    <section class="stack" aria-labelledby="halls-title">
      <div class="spread">
        <h2 id="halls-title">Halls</h2>
        <Button kind="primary" icon="upload" onPress={() => setEditing("new")}>
          Import a hall
        </Button>
      </div>
      <Problem error={details.error ?? exportHall.error} retry={details.reload} />
      {halls === undefined && details.error === undefined && <Skeleton lines={3} />}
      {halls?.length === 0 && (
        <Empty icon="hall" title="No hall yet">
          <p>Import a seating plan as JSON, or begin with a simple one and change it later.</p>
        </Empty>
      )}
      <ul class="desk-rows">
        {halls?.map((hall) => (
          <li key={hall.id} class="desk-row">
            <div>
              <h3>{hall.name}</h3>
              <p class="soft small">{count(hall.seatCount, "seat")}</p>
            </div>
            <div class="cluster">
              <Button icon="download" busy={exportHall.busy} onPress={() => exportHall.run(hall)}>
                Export
                <span class="visually-hidden"> {hall.name}</span>
              </Button>
              <Button icon="edit" onPress={() => setEditing(hall)}>
                Change
                <span class="visually-hidden"> {hall.name}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {editing !== undefined && (
        <HallDialog
          cinemaId={cinema.id}
          hall={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            details.reload();
          }}
        />
      )}
    </section>
  );
}
