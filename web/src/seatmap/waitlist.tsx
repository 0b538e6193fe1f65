import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { count } from "../format.ts";
import { navigate, signInHref } from "../router.ts";
import { account } from "../session.ts";
import { announce, toast } from "../ui/announce.ts";
import { Button, Stepper } from "../ui/button.tsx";
import { Problem } from "../ui/feedback.tsx";
import { useAction, useLoad } from "../ui/load.ts";
import { SEATS_PER_PERSON_MAX } from "./limits.ts";

/** The place in a screening's waiting list: shown when seats are short, or one waits already. */
export function Waitlist(props: { readonly screeningId: string; readonly free: number }) {
  const { screeningId, free } = props;
  const person = account.value;
  const [seats, setSeats] = useState(Math.min(SEATS_PER_PERSON_MAX, free + 1));
  const wanted = Math.max(seats, Math.min(SEATS_PER_PERSON_MAX, free + 1));
  const place = useLoad(async () => {
    if (person == null) return null;
    const { waiting } = await call("cinema.myBookings", { limit: 1 });
    return waiting.find((entry) => entry.screeningId === screeningId) ?? null;
  }, `${screeningId} ${person?.id}`);
  const join = useAction(async () => {
    if (person == null) return navigate(signInHref());
    const joined = await call("cinema.joinWaitlist", { screeningId, count: wanted });
    place.set(joined);
    announce(`You are number ${joined.position} in the waiting list.`);
  });
  const leave = useAction(async () => {
    await call("cinema.leaveWaitlist", { screeningId });
    place.set(null);
    toast("You have left the waiting list.");
  });
  if (place.value != null) {
    return (
      <div class="stack tight">
        <p>
          You are <strong>number {place.value.position}</strong> in the waiting list for{" "}
          {count(place.value.count, "seat")}. When they come free they are held for you for ten
          minutes, and you are told here.
        </p>
        <Problem error={leave.error} />
        <Button busy={leave.busy} onPress={() => leave.run()}>
          Leave the waiting list
        </Button>
      </div>
    );
  }
  if (free >= SEATS_PER_PERSON_MAX) return null;
  return (
    <div class="stack tight">
      <p class="soft">
        {free === 0
          ? "Every seat is taken. The first in line is offered what comes free."
          : "Too few seats for your party? The first in line is offered what comes free."}
      </p>
      <div class="spread">
        <span class="field-label">How many</span>
        <Stepper
          label="Seats to wait for"
          value={wanted}
          min={Math.min(SEATS_PER_PERSON_MAX, free + 1)}
          max={SEATS_PER_PERSON_MAX}
          onChange={setSeats}
        />
      </div>
      <Problem error={join.error} />
      <Button icon="clock" wide busy={join.busy} onPress={() => join.run()}>
        Join the waiting list
      </Button>
    </div>
  );
}
