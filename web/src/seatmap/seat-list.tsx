import { useState } from "preact/hooks";
import { count } from "../format.ts";
import { Check } from "../ui/field.tsx";
import { CategorySample } from "./legend.tsx";
import type { LiveSeats, Look } from "./live-seats.ts";
import type { PlacedRow, PlacedSeat } from "./plan-index.ts";
import type { Describe } from "./seat-layer.ts";

export interface SeatListProps {
  readonly live: LiveSeats;
  readonly describe: Describe;
  /** Looks of the seats that can be chosen. */
  readonly choosable: ReadonlySet<Look>;
  onSeat(seat: PlacedSeat): void;
  onRow?(seats: readonly PlacedSeat[]): void;
}

/** The same seats as rows of buttons, for those who would rather read than look. */
export function SeatList(props: SeatListProps) {
  const { live } = props;
  const [onlyChoosable, setOnlyChoosable] = useState(true);
  void live.version.value;
  return (
    <div class="seat-list">
      <Check label="Only seats I can choose" checked={onlyChoosable} onChange={setOnlyChoosable} />
      {live.index.sections.map((section) => (
        <section key={section.name} class="stack tight" aria-label={section.name}>
          <h3>{section.name}</h3>
          {section.rows.map((row) => (
            <SeatRow key={row.label} {...props} row={row} onlyChoosable={onlyChoosable} />
          ))}
        </section>
      ))}
    </div>
  );
}

function SeatRow(
  props: SeatListProps & { readonly row: PlacedRow; readonly onlyChoosable: boolean },
) {
  const { live, row } = props;
  const [open, setOpen] = useState(false);
  const looks = row.seats.map((seat) => live.look(seat.id));
  const free = looks.filter((look) => look === "free" || look === "selected").length;
  return (
    <details class="seat-row" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="strong">Row {row.label}</span>
        <span class="soft small">
          {free === 0 ? "nothing free" : `${free} of ${count(row.seats.length, "seat")} free`}
        </span>
      </summary>
      {open && (
        <ul class="seat-buttons">
          {props.onRow && (
            <li>
              <button type="button" class="seat-button" onClick={() => props.onRow?.(row.seats)}>
                Whole row
              </button>
            </li>
          )}
          {row.seats.map((seat, at) => {
            const look = looks[at] ?? "free";
            const choosable = props.choosable.has(look);
            if (props.onlyChoosable && !choosable) return null;
            return (
              <li key={seat.id}>
                <button
                  type="button"
                  class={`seat-button ${look}`}
                  aria-label={props.describe(seat, look)}
                  aria-pressed={look === "selected" || look === "mine"}
                  aria-disabled={choosable ? undefined : "true"}
                  onClick={() => props.onSeat(seat)}
                >
                  <CategorySample at={live.index.categoryIndex(seat.category)} />
                  {seat.id}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </details>
  );
}
