import { useEffect, useMemo, useState } from "preact/hooks";
import { dayName, length, money, time } from "../format.ts";
import { href } from "../router.ts";
import { BestAvailable } from "../seatmap/best-available.tsx";
import { HallView } from "../seatmap/hall-view.tsx";
import { HoldCard } from "../seatmap/hold-card.tsx";
import { PriceList } from "../seatmap/legend.tsx";
import type { LiveSeats, Look } from "../seatmap/live-seats.ts";
import type { PlacedSeat } from "../seatmap/plan-index.ts";
import { type Booking, type ScreeningDetails, ScreeningModel } from "../seatmap/screening-model.ts";
import { Waitlist } from "../seatmap/waitlist.tsx";
import { account } from "../session.ts";
import { nowMs } from "../ticking.ts";
import { announce, toast } from "../ui/announce.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Notice, Problem, Skeleton } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Poster } from "../ui/poster.tsx";
import { Ticket } from "../ui/ticket.tsx";

const LOOK_WORDS: Readonly<Record<Look, string>> = {
  free: "free",
  selected: "selected",
  mine: "held for you",
  "booked-mine": "booked by you",
  held: "held by somebody else",
  booked: "booked",
  blocked: "not on sale",
};

const CHOOSABLE: ReadonlySet<Look> = new Set(["free", "selected", "mine"]);

export function ScreeningPage({ screeningId }: { readonly screeningId: string }) {
  const model = useMemo(() => new ScreeningModel(screeningId), [screeningId]);
  useEffect(() => {
    void model.open();
    return () => model.close();
  }, [model]);
  const details = model.details.value;
  const live = model.live.value;
  return (
    <div class="page screening-page">
      {model.error.value !== undefined && (
        <Problem error={model.error.value} retry={() => void model.open()} />
      )}
      {details === undefined || live === undefined ? (
        model.error.value === undefined && <Skeleton lines={1} shape="hall" />
      ) : (
        <Screening model={model} details={details} live={live} />
      )}
    </div>
  );
}

interface ScreeningProps {
  readonly model: ScreeningModel;
  readonly details: ScreeningDetails;
  readonly live: LiveSeats;
}

function Screening(props: ScreeningProps) {
  const { model, details, live } = props;
  const { screening } = details;
  const [booking, setBooking] = useState<Booking>();
  const [spotlight, setSpotlight] = useState<readonly string[]>();
  const started = screening.startsAtMs <= nowMs.value;
  const words = useMemo(() => seatWords(screening, live), [screening, live]);
  const choose = (seat: PlacedSeat) => {
    const look = live.look(seat.id);
    if (started) toast("The screening has started: its seats are no longer sold.");
    else if (look === "free" || look === "selected") model.toggle(seat.id);
    else if (look === "mine") announce(`${seat.id} is held for you. Release it beside the map.`);
    else toast(`${seat.id} is ${LOOK_WORDS[look]}. Choose another seat.`);
  };
  return (
    <>
      <Heading details={details} />
      <div class="screening">
        <HallView
          live={live}
          label={`Seats of ${screening.hallName}. Arrow keys move, Enter selects.`}
          describe={words.describe}
          choosable={CHOOSABLE}
          hint={words.hint}
          spotlight={spotlight}
          onSeat={choose}
        />
        <Side {...props} onBooked={setBooking} onFound={setSpotlight} />
      </div>
      {booking !== undefined && (
        <BookedDialog booking={booking} onClose={() => setBooking(undefined)} />
      )}
    </>
  );
}

/** Beside the hall: what one has, what it costs, and help with choosing. */
function Side(
  props: ScreeningProps & {
    onBooked(booking: Booking): void;
    onFound(seatIds: readonly string[]): void;
  },
) {
  const { model, live } = props;
  const { screening } = props.details;
  void live.version.value;
  const { free } = live.counts();
  const started = screening.startsAtMs <= nowMs.value;
  return (
    <aside class="side" aria-label="Your choice">
      {started ? (
        <Notice kind="warn">
          <p>The screening has started. Its seats are no longer sold.</p>
        </Notice>
      ) : (
        <div class="card sticky-card">
          <HoldCard model={model} onBooked={props.onBooked} />
        </div>
      )}
      <section class="card stack tight" aria-label="Prices">
        <h2 class="card-title">Prices</h2>
        <PriceList live={live} screening={screening} />
      </section>
      {!started && free > 0 && (
        <section class="card stack tight" aria-label="Best available">
          <h2 class="card-title">Let us choose</h2>
          <BestAvailable model={model} live={live} onFound={props.onFound} />
        </section>
      )}
      {!started && (
        <WaitlistCard
          screeningId={screening.id}
          free={free}
          round={model.hold.value?.offered === true ? "offered" : "waiting"}
        />
      )}
    </aside>
  );
}

function BookedDialog(props: { readonly booking: Booking; onClose(): void }) {
  return (
    <Dialog title="Enjoy the film" onClose={props.onClose}>
      <Ticket booking={props.booking} />
      <p class="soft">Say the reference at the door. It is also under your bookings.</p>
      <div class="split">
        <a class="button primary" href={href("bookings")}>
          See my bookings
        </a>
        <Button onPress={props.onClose}>Back to the hall</Button>
      </div>
    </Dialog>
  );
}

function WaitlistCard(props: {
  readonly screeningId: string;
  readonly free: number;
  readonly round: string;
}) {
  // One who has a place wants to see it; for others it matters when seats are short.
  if (props.free >= 10 && account.value == null) return null;
  return (
    <section class="card waitlist" aria-label="Waiting list">
      <Waitlist key={props.round} screeningId={props.screeningId} free={props.free} />
    </section>
  );
}

function Heading({ details }: { readonly details: ScreeningDetails }) {
  const { screening, cinemaName } = details;
  return (
    <div class="screening-head">
      <Poster title={screening.title} />
      <div>
        <a class="back" href={href("cinemas", screening.cinemaId)}>
          <Icon name="back" size={18} /> {cinemaName}
        </a>
        <PageTitle title={screening.title} />
        <p class="soft">
          {dayName(screening.startsAtMs, nowMs.value)}, {time(screening.startsAtMs)} ·{" "}
          {screening.hallName} · {length(screening.durationMinutes)}
        </p>
      </div>
    </div>
  );
}

function seatWords(screening: ScreeningDetails["screening"], live: LiveSeats) {
  const price = (seat: PlacedSeat) => {
    const amount = screening.prices[seat.category];
    return amount === undefined ? "not sold" : money(amount, screening.currency);
  };
  const extras = (seat: PlacedSeat) => {
    if (seat.accessible === true) return ["wheelchair place"];
    return seat.companion === true ? ["companion seat"] : [];
  };
  return {
    describe: (seat: PlacedSeat, look: Look) =>
      [
        seat.id,
        LOOK_WORDS[look],
        live.index.categoryName(seat.category),
        price(seat),
        ...extras(seat),
      ].join(", "),
    hint: (seat: PlacedSeat, look: Look) => ({
      title: `${seat.id} · ${price(seat)}`,
      text: [
        live.index.categoryName(seat.category),
        ...extras(seat),
        ...(look === "free" ? [] : [LOOK_WORDS[look]]),
      ].join(" · "),
    }),
  };
}
