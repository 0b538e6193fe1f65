import { useEffect, useMemo, useState } from "preact/hooks";
import { dayName, length, money, time } from "../format.ts";
import { href } from "../router.ts";
import { BestAvailable } from "../seatmap/best-available.tsx";
import { HoldCard } from "../seatmap/hold-card.tsx";
import { PriceList, StateLegend } from "../seatmap/legend.tsx";
import type { LiveSeats, Look } from "../seatmap/live-seats.ts";
import type { PlacedSeat } from "../seatmap/plan-index.ts";
import { type Booking, type ScreeningDetails, ScreeningModel } from "../seatmap/screening-model.ts";
import { SeatList } from "../seatmap/seat-list.tsx";
import { SeatMap } from "../seatmap/seat-map.tsx";
import { Waitlist } from "../seatmap/waitlist.tsx";
import { account } from "../session.ts";
import { nowMs } from "../ticking.ts";
import { announce, toast } from "../ui/announce.ts";
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

type HallView = "map" | "list";

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

function Screening(props: {
  readonly model: ScreeningModel;
  readonly details: ScreeningDetails;
  readonly live: LiveSeats;
}) {
  const { model, details, live } = props;
  const { screening } = details;
  const [view, setView] = useState<HallView>("map");
  const [booking, setBooking] = useState<Booking>();
  const [spotlight, setSpotlight] = useState<readonly string[]>();
  void live.version.value;
  const { free } = live.counts();
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
        <div class="hall">
          {view === "map" ? (
            <SeatMap
              live={live}
              label={`Seats of ${screening.hallName}. Arrow keys move, Enter selects.`}
              describe={words.describe}
              choosable={CHOOSABLE}
              hint={words.hint}
              spotlight={spotlight}
              onSeat={choose}
            >
              <StateLegend live={live} />
              <ViewSwitch view={view} onView={setView} />
            </SeatMap>
          ) : (
            <>
              <div class="hall-bar">
                <StateLegend live={live} />
                <ViewSwitch view={view} onView={setView} />
              </div>
              <SeatList
                live={live}
                describe={words.describe}
                choosable={CHOOSABLE}
                onSeat={choose}
              />
            </>
          )}
        </div>
        <aside class="side" aria-label="Your choice">
          {started ? (
            <Notice kind="warn">
              <p>The screening has started. Its seats are no longer sold.</p>
            </Notice>
          ) : (
            <div class="card sticky-card">
              <HoldCard model={model} onBooked={setBooking} />
            </div>
          )}
          <section class="card stack tight" aria-label="Prices">
            <h2 class="card-title">Prices</h2>
            <PriceList live={live} screening={screening} />
          </section>
          {!started && free > 0 && (
            <section class="card stack tight" aria-label="Best available">
              <h2 class="card-title">Let us choose</h2>
              <BestAvailable model={model} live={live} onFound={setSpotlight} />
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
      </div>
      {booking !== undefined && (
        <Dialog title="Enjoy the film" onClose={() => setBooking(undefined)}>
          <Ticket booking={booking} />
          <p class="soft">Say the reference at the door. It is also under your bookings.</p>
          <div class="split">
            <a class="button primary" href={href("bookings")}>
              See my bookings
            </a>
            <button type="button" class="button" onClick={() => setBooking(undefined)}>
              Back to the hall
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function ViewSwitch(props: { readonly view: HallView; onView(view: HallView): void }) {
  const choice = (view: HallView, text: string) => (
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
