import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { list, sortLabels } from "../format.ts";
import { announce } from "../ui/announce.ts";
import { Button, Stepper } from "../ui/button.tsx";
import { Problem } from "../ui/feedback.tsx";
import { Check, Select } from "../ui/field.tsx";
import { useAction } from "../ui/load.ts";
import { SEATS_PER_PERSON_MAX } from "./limits.ts";
import type { LiveSeats } from "./live-seats.ts";
import type { ScreeningModel } from "./screening-model.ts";

const ANY = "";

/** Lets the server choose good seats; they are selected on the map, not yet held. */
export function BestAvailable(props: {
  readonly model: ScreeningModel;
  readonly live: LiveSeats;
  onFound(seatIds: readonly string[]): void;
}) {
  const { model, live } = props;
  const [seats, setSeats] = useState(2);
  const [category, setCategory] = useState(ANY);
  const [accessible, setAccessible] = useState(false);
  const [apart, setApart] = useState(false);
  const hasAccessible = live.index.seats.some((seat) => seat.accessible);
  const find = useAction(async () => {
    const found = await call("cinema.bestAvailable", {
      screeningId: model.screeningId,
      count: seats,
      accessible: accessible ? 1 : 0,
      ...(category === ANY ? {} : { category }),
    });
    setApart(!found.oneRow);
    model.choose(found.seatIds);
    props.onFound(found.seatIds);
    announce(`Found ${list(sortLabels(found.seatIds))}. They are selected; hold them next.`);
  });
  const options = [
    { value: ANY, text: "Any price" },
    ...live.index.categories.map(({ id, name }) => ({ value: id, text: name })),
  ];
  return (
    <form
      class="stack tight"
      onSubmit={(event) => {
        event.preventDefault();
        find.run();
      }}
    >
      <div class="spread">
        <span class="field-label">How many</span>
        <Stepper
          label="Number of seats"
          value={seats}
          min={1}
          max={SEATS_PER_PERSON_MAX}
          onChange={setSeats}
        />
      </div>
      {options.length > 2 && (
        <Select label="Where" value={category} options={options} onValue={setCategory} />
      )}
      {hasAccessible && (
        <Check label="With a wheelchair place" checked={accessible} onChange={setAccessible} />
      )}
      <Problem error={find.error} />
      {apart && find.error === undefined && (
        <p class="soft small">No row has as many seats side by side: these are near each other.</p>
      )}
      <Button type="submit" icon="spark" wide busy={find.busy}>
        Find the best seats
      </Button>
    </form>
  );
}
