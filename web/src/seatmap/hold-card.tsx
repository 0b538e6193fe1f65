import { useEffect } from "preact/hooks";
import { clock, count, list, money } from "../format.ts";
import { navigate, signInHref } from "../router.ts";
import { account } from "../session.ts";
import { timeLeft } from "../ticking.ts";
import { announce } from "../ui/announce.ts";
import { Button } from "../ui/button.tsx";
import { Notice, Problem } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKeptFocus } from "../ui/kept-focus.ts";
import { useAction } from "../ui/load.ts";
import type { Booking, MyHold, ScreeningModel } from "./screening-model.ts";

/** How long a hold lasts before it is extended, in milliseconds: the length of its bar. */
const HOLD_MS = 600_000;
/** An extension worth asking for, in milliseconds. */
const EXTENSION_MS_MIN = 5_000;
/** Times left at which the hold's end is spoken of. */
const REMINDERS_MS = [120_000, 60_000, 15_000] as const;

/** What a group of seats costs together; undefined when one of them has no price. */
function total(model: ScreeningModel, seatIds: readonly string[]): number | undefined {
  const details = model.details.value;
  const live = model.live.value;
  if (details === undefined || live === undefined) return undefined;
  let sum = 0;
  for (const seatId of seatIds) {
    const category = live.index.byId.get(seatId)?.category;
    const price = category === undefined ? undefined : details.screening.prices[category];
    if (price === undefined) return undefined;
    sum += price;
  }
  return sum;
}

function priceWords(model: ScreeningModel, seatIds: readonly string[]): string {
  const sum = total(model, seatIds);
  const currency = model.details.value?.screening.currency ?? "EUR";
  return sum === undefined ? "" : money(sum, currency);
}

function SeatChips(props: {
  readonly seatIds: readonly string[];
  readonly label: string;
  readonly remove: string;
  onRemove(seatId: string): void;
}) {
  return (
    <ul class="chips" aria-label={props.label}>
      {props.seatIds.map((seatId) => (
        <li key={seatId} class="chip">
          <strong>{seatId}</strong>
          <button
            type="button"
            aria-label={`${props.remove} ${seatId}`}
            title={`${props.remove} ${seatId}`}
            onClick={() => props.onRemove(seatId)}
          >
            <Icon name="close" size={16} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What is selected and what is held: the steps from a seat on the map to a booking. */
export function HoldCard(props: {
  readonly model: ScreeningModel;
  onBooked(booking: Booking): void;
}) {
  const { model } = props;
  const hold = model.hold.value;
  const selection = model.selection.value;
  const card = useKeptFocus(`${hold?.seatIds.join()} ${selection.join()}`);
  return (
    <section ref={card} class="hold-card" aria-label="Your seats" tabIndex={-1}>
      <LostSeats seatIds={model.lost.value} hasRest={selection.length > 0} />
      {hold !== null && <Held model={model} hold={hold} onBooked={props.onBooked} />}
      {selection.length > 0 && (
        <Selected model={model} seatIds={selection} isMore={hold !== null} />
      )}
      {hold === null && selection.length === 0 && (
        <p class="soft hold-hint">
          <Icon name="hall" />
          Choose seats in the hall. Nobody else can take them once you hold them.
        </p>
      )}
    </section>
  );
}

function LostSeats(props: { readonly seatIds: readonly string[]; readonly hasRest: boolean }) {
  if (props.seatIds.length === 0) return null;
  const verb = props.seatIds.length === 1 ? "is" : "are";
  return (
    <Notice kind="warn">
      <p>
        <strong>{list(props.seatIds)}</strong> {verb} no longer free.{" "}
        {props.hasRest
          ? "Your other seats are still selected: hold them, or choose more."
          : "Choose others in the hall."}
      </p>
    </Notice>
  );
}

function Selected(props: {
  readonly model: ScreeningModel;
  readonly seatIds: readonly string[];
  readonly isMore: boolean;
}) {
  const { model, seatIds } = props;
  const hold = useAction(() => model.holdSelected());
  const signedIn = account.value !== null;
  const press = () => {
    if (signedIn) return hold.run();
    model.keepSelection();
    navigate(signInHref());
  };
  return (
    <div class="stack tight">
      <div class="spread">
        <h2 class="card-title">
          {count(seatIds.length, props.isMore ? "more seat" : "seat")} selected
        </h2>
        <strong class="sum">{priceWords(model, seatIds)}</strong>
      </div>
      <SeatChips
        seatIds={seatIds}
        label="Selected seats"
        remove="Remove"
        onRemove={(seatId) => model.toggle(seatId)}
      />
      <Problem error={hold.error} />
      <Button kind="primary" wide busy={hold.busy} onPress={press}>
        {signedIn ? `Hold ${count(seatIds.length, "seat")}` : "Sign in to hold them"}
      </Button>
    </div>
  );
}

function Held(props: {
  readonly model: ScreeningModel;
  readonly hold: MyHold;
  onBooked(booking: Booking): void;
}) {
  const { model, hold } = props;
  const book = useAction(async () => props.onBooked(await model.book()));
  const extend = useAction(() => model.extend());
  const release = useAction((seatIds?: readonly string[]) => model.release(seatIds));
  const { extendableUntilMs } = hold;
  const canExtend =
    !hold.offered &&
    extendableUntilMs !== undefined &&
    extendableUntilMs - hold.untilMs > EXTENSION_MS_MIN;
  return (
    <div class="stack tight">
      <div class="spread">
        <h2 class="card-title">
          {hold.offered ? "Offered to you" : `${count(hold.seatIds.length, "seat")} held for you`}
        </h2>
        <strong class="sum">{priceWords(model, hold.seatIds)}</strong>
      </div>
      {hold.offered && (
        <p class="soft">These came free and are yours to book, as you waited for them.</p>
      )}
      <Remaining untilMs={hold.untilMs} />
      <SeatChips
        seatIds={hold.seatIds}
        label="Seats you hold"
        remove="Release"
        onRemove={(seatId) => release.run([seatId])}
      />
      <Problem error={book.error ?? extend.error ?? release.error} />
      <div class="held-actions">
        <Button kind="primary" wide icon="ticket" busy={book.busy} onPress={() => book.run()}>
          Book {count(hold.seatIds.length, "seat")}
        </Button>
        <div class="split">
          {canExtend && (
            <Button icon="clock" busy={extend.busy} onPress={() => extend.run()}>
              More time
            </Button>
          )}
          <Button busy={release.busy} onPress={() => release.run()}>
            {hold.offered ? "Decline" : "Release"}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** The time left by the server's clock, spoken of a few times and not every second. */
function Remaining({ untilMs }: { readonly untilMs: number }) {
  const leftMs = timeLeft(untilMs);
  const reminder = REMINDERS_MS.findLast((atMs) => leftMs <= atMs);
  useEffect(() => {
    if (reminder !== undefined && leftMs > 0) announce(`Your hold ends in ${clock(leftMs)}.`);
  }, [reminder]);
  const part = Math.min(1, leftMs / HOLD_MS);
  const urgent = leftMs <= REMINDERS_MS[1];
  return (
    <div class={urgent ? "remaining urgent" : "remaining"}>
      <Icon name="clock" size={18} />
      <span role="timer" aria-label="Time left">
        {leftMs === 0 ? "ending now" : clock(leftMs)}
      </span>
      <svg class="remaining-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <path class="rail" d="M0 2H100" />
        <path class="left" d={`M0 2H${(part * 100).toFixed(2)}`} />
      </svg>
    </div>
  );
}
