import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { href, navigate } from "../router.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/feedback.tsx";
import { Select } from "../ui/field.tsx";
import { useLoad } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import type { Cinema } from "./operator/answers.ts";
import { BlockSeats } from "./operator/block-seats.tsx";
import { CinemaDialog } from "./operator/cinema-dialog.tsx";
import { DeskTabs } from "./operator/desk-tabs.tsx";
import { Halls } from "./operator/halls.tsx";
import { Report } from "./operator/report.tsx";
import { Screenings } from "./operator/screenings.tsx";
import { WalletsDesk } from "./operator/wallets.tsx";

const TABS = [
  { id: "screenings", text: "Screenings" },
  { id: "halls", text: "Halls" },
  { id: "report", text: "Report" },
] as const;

/**
 * `#/operator/<cinema>/<tab>`, `#/operator/seats/<screening>` to block seats, and
 * `#/operator/wallets`.
 */
export function OperatorPage({ path }: { readonly path: readonly string[] }) {
  const [first, second] = path;
  if (first === "seats" && second !== undefined) {
    return <BlockSeats key={second} screeningId={second} />;
  }
  if (first === "wallets") return <WalletsDesk />;
  return <Desk cinemaId={Number(first)} tab={second ?? "screenings"} />;
}

function Desk(props: { readonly cinemaId: number; readonly tab: string }) {
  const cinemas = useLoad(async () => (await call("cinema.list", {})).cinemas, "cinemas");
  const [editing, setEditing] = useState<Cinema | "new">();
  const cinema = cinemas.value?.find(({ id }) => id === props.cinemaId) ?? cinemas.value?.[0];
  return (
    <div class="page">
      <div class="spread">
        <PageTitle title="Operator’s desk" />
        <DeskTabs current="cinemas" />
        <Button icon="plus" onPress={() => setEditing("new")}>
          Add a cinema
        </Button>
      </div>
      <Loading of={cinemas} lines={4} />
      {cinemas.value?.length === 0 && (
        <Empty icon="hall" title="Begin with a cinema">
          <p>Then import a hall’s seating plan, and put a screening in it.</p>
        </Empty>
      )}
      {cinema !== undefined && (
        <>
          <div class="desk-bar">
            <Select
              label="Cinema"
              value={String(cinema.id)}
              options={(cinemas.value ?? []).map(({ id, name, city }) => ({
                value: String(id),
                text: `${name}, ${city}`,
              }))}
              onValue={(id) => navigate(href("operator", id, props.tab))}
            />
            <Button icon="edit" onPress={() => setEditing(cinema)}>
              Edit
            </Button>
            <nav class="tabs" aria-label="Parts of the desk">
              {TABS.map(({ id, text }) => (
                <a
                  key={id}
                  href={href("operator", cinema.id, id)}
                  aria-current={props.tab === id ? "page" : undefined}
                >
                  {text}
                </a>
              ))}
            </nav>
          </div>
          {props.tab === "halls" && <Halls key={cinema.id} cinema={cinema} />}
          {props.tab === "report" && <Report key={cinema.id} cinema={cinema} />}
          {props.tab === "screenings" && <Screenings key={cinema.id} cinema={cinema} />}
        </>
      )}
      {editing !== undefined && (
        <CinemaDialog
          cinema={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={(saved) => {
            setEditing(undefined);
            cinemas.reload();
            navigate(href("operator", saved.id, props.tab));
          }}
        />
      )}
    </div>
  );
}
