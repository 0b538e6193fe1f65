import { useState } from "preact/hooks";
import { StateLegend } from "./legend.tsx";
import { SeatList } from "./seat-list.tsx";
import { SeatMap, type SeatMapProps } from "./seat-map.tsx";

type View = "map" | "list";

/** A hall to choose in, as a map or, for those who would rather read, as a list. */
export function HallView(props: Omit<SeatMapProps, "children">) {
  const [view, setView] = useState<View>("map");
  const bar = (
    <>
      <StateLegend live={props.live} />
      <ViewSwitch view={view} onView={setView} />
    </>
  );
  return (
    <div class="hall">
      {view === "map" ? (
        <SeatMap {...props}>{bar}</SeatMap>
      ) : (
        <>
          <div class="hall-bar">{bar}</div>
          <SeatList {...props} />
        </>
      )}
    </div>
  );
}

function ViewSwitch(props: { readonly view: View; onView(view: View): void }) {
  const choice = (view: View, text: string) => (
    <button type="button" aria-pressed={props.view === view} onClick={() => props.onView(view)}>
      {text}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label="Show seats as">
      {choice("map", "Map")}
      {choice("list", "List")}
    </div>
  );
}
