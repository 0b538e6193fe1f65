import { money, number } from "../format.ts";
import type { LiveSeats } from "./live-seats.ts";
import type { ScreeningDetails } from "./screening-model.ts";
import { CHECK, colourAt, outline, shapeAt, WHEELCHAIR } from "./shapes.ts";

/** A seat's look in miniature. */
function Sample(props: { readonly d: string; readonly look: string; readonly mark?: string }) {
  return (
    <svg class="sample" viewBox="-.56 -.56 1.12 1.12" aria-hidden="true" focusable="false">
      <path class={`seat ${props.look}`} d={props.d} />
      {props.mark !== undefined && (
        <g class="marks">
          <path d={props.mark} />
        </g>
      )}
    </svg>
  );
}

export function CategorySample({ at }: { readonly at: number }) {
  return <Sample d={shapeAt(at)} look={`c${colourAt(at)} free`} />;
}

/** What a category costs and how much of it is left. */
export function PriceList(props: {
  readonly live: LiveSeats;
  readonly screening: ScreeningDetails["screening"];
}) {
  const { live, screening } = props;
  // Read for its changes.
  void live.version.value;
  const tallies = live.tallies();
  return (
    <ul class="prices" aria-label="Prices">
      {live.index.categories.map(({ id, name }, at) => {
        const tally = tallies.get(id);
        if (tally === undefined) return null;
        const price = screening.prices[id];
        return (
          <li key={id}>
            <CategorySample at={at} />
            <span class="price-name">{name}</span>
            <span class="soft small nowrap">
              {tally.free === 0 ? "none left" : `${number(tally.free)} left`}
            </span>
            <strong class="nowrap">
              {price === undefined ? "not sold" : money(price, screening.currency)}
            </strong>
          </li>
        );
      })}
    </ul>
  );
}

/** What the looks of seats mean, apart from their categories. */
export function StateLegend({ live }: { readonly live: LiveSeats }) {
  void live.version.value;
  const counts = live.counts();
  const hasAccessible = live.index.seats.some((seat) => seat.accessible);
  return (
    <ul class="states" aria-label="What the marks mean">
      <li>
        <Sample d={shapeAt(0)} look="c0 mine" mark={CHECK} />
        Yours
      </li>
      <li>
        <Sample d={outline("held", 0)} look="c0 held" />
        Held <span class="soft">{number(counts.held)}</span>
      </li>
      <li>
        <Sample d={outline("booked", 0)} look="booked" />
        Booked <span class="soft">{number(counts.booked)}</span>
      </li>
      {counts.blocked > 0 && (
        <li>
          <Sample d={outline("blocked", 0)} look="blocked" />
          Not on sale
        </li>
      )}
      {hasAccessible && (
        <li>
          <Sample d={shapeAt(0)} look="c0 free" mark={WHEELCHAIR} />
          Wheelchair
        </li>
      )}
    </ul>
  );
}
