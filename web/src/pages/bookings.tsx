import { useState } from "preact/hooks";
import { call, type Output } from "../api.ts";
import { clock, count, list, moment, sortLabels } from "../format.ts";
import { href } from "../router.ts";
import { nowMs, timeLeft } from "../ticking.ts";
import { toast } from "../ui/announce.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Empty, Loading, Problem } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { useAction, useLoad } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { type Booking, Ticket } from "../ui/ticket.tsx";

type Mine = Output<"cinema.myBookings">;

const PAGE = 20;

export function BookingsPage() {
  const mine = useLoad(() => call("cinema.myBookings", { limit: PAGE }), "mine");
  const [cancelling, setCancelling] = useState<Booking>();
  const page = mine.value;
  const more = useAction(async () => {
    const before = page?.bookings.at(-1)?.id;
    if (page === undefined || before === undefined) return;
    const next = await call("cinema.myBookings", { limit: PAGE, before });
    mine.set({ ...page, bookings: [...page.bookings, ...next.bookings], more: next.more });
  });
  const isEmpty =
    page !== undefined &&
    page.bookings.length === 0 &&
    page.holds.length === 0 &&
    page.waiting.length === 0;
  const coming = page?.bookings.filter(isComing) ?? [];
  const past = page?.bookings.filter((booking) => !isComing(booking)) ?? [];
  return (
    <div class="page narrow">
      <PageTitle title="My bookings" />
      <Loading of={mine} lines={3} shape="card" />
      {isEmpty && (
        <Empty icon="ticket" title="No bookings yet">
          <p>Seats you hold, book or wait for appear here.</p>
          <a class="button primary" href="#/">
            Find a screening
          </a>
        </Empty>
      )}
      {page && <Holds holds={page.holds} />}
      {page && <WaitingList waiting={page.waiting} onLeft={mine.reload} />}
      <Bookings title="Coming up" bookings={coming} onCancel={setCancelling} />
      <Bookings title="Past and cancelled" bookings={past} />
      {page?.more && (
        <div>
          <Button busy={more.busy} onPress={() => more.run()}>
            Show older ones
          </Button>
          <Problem error={more.error} />
        </div>
      )}
      {cancelling && (
        <CancelDialog
          booking={cancelling}
          onClose={() => setCancelling(undefined)}
          onCancelled={(booking) => {
            setCancelling(undefined);
            if (page === undefined) return;
            mine.set({
              ...page,
              bookings: page.bookings.map((known) => (known.id === booking.id ? booking : known)),
            });
          }}
        />
      )}
    </div>
  );
}

function isComing(booking: Booking): boolean {
  return booking.status === "booked" && booking.startsAtMs > nowMs.value;
}

function Bookings(props: {
  readonly title: string;
  readonly bookings: readonly Booking[];
  onCancel?(booking: Booking): void;
}) {
  const { onCancel } = props;
  if (props.bookings.length === 0) return null;
  return (
    <section class="stack" aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.bookings.map((booking) => (
        <Ticket key={booking.id} booking={booking}>
          {onCancel && (
            <div class="cluster">
              <a class="button" href={href("screenings", booking.screeningId)}>
                See the hall
              </a>
              <Button kind="quiet" onPress={() => onCancel(booking)}>
                Cancel booking
              </Button>
            </div>
          )}
        </Ticket>
      ))}
    </section>
  );
}

function CancelDialog(props: {
  readonly booking: Booking;
  onClose(): void;
  onCancelled(booking: Booking): void;
}) {
  const { booking } = props;
  const cancel = useAction(async () => {
    const cancelled = await call("cinema.cancelBooking", { bookingId: booking.id });
    toast("The booking is cancelled and its seats are free again.");
    props.onCancelled(cancelled);
  });
  return (
    <Dialog title="Cancel this booking?" onClose={props.onClose}>
      <p>
        {list(sortLabels(booking.seatIds))} for <strong>{booking.title}</strong> on{" "}
        {moment(booking.startsAtMs)} will be free for others at once. This cannot be undone.
      </p>
      <Problem error={cancel.error} />
      <div class="split">
        <Button onPress={props.onClose}>Keep it</Button>
        <Button kind="danger" busy={cancel.busy} onPress={() => cancel.run()}>
          Cancel booking
        </Button>
      </div>
    </Dialog>
  );
}

function Holds({ holds }: { readonly holds: Mine["holds"] }) {
  const live = holds.filter(({ untilMs }) => timeLeft(untilMs) > 0);
  if (live.length === 0) return null;
  return (
    <section class="stack" aria-label="Held for you">
      <h2>Held for you</h2>
      {live.map((hold) => (
        <article key={hold.screeningId} class="card spread">
          <div>
            <h3>{hold.title}</h3>
            <p class="soft">
              {moment(hold.startsAtMs)} · {list(sortLabels(hold.seatIds))}
            </p>
          </div>
          <span class={hold.offered ? "pill good" : "pill warn"}>
            <Icon name="clock" size={16} />
            {hold.offered ? "Offered" : "Held"} for {clock(timeLeft(hold.untilMs))}
          </span>
          <a class="button primary" href={href("screenings", hold.screeningId)}>
            Go on to book
          </a>
        </article>
      ))}
    </section>
  );
}

function WaitingList(props: { readonly waiting: Mine["waiting"]; onLeft(): void }) {
  const leave = useAction(async (screeningId: string) => {
    await call("cinema.leaveWaitlist", { screeningId });
    toast("You have left the waiting list.");
    props.onLeft();
  });
  if (props.waiting.length === 0) return null;
  return (
    <section class="stack" aria-label="Waiting lists">
      <h2>Waiting lists</h2>
      <Problem error={leave.error} />
      {props.waiting.map((entry) => (
        <article key={entry.screeningId} class="card spread">
          <div>
            <h3>{entry.title}</h3>
            <p class="soft">
              {moment(entry.startsAtMs)} · waiting for {count(entry.count, "seat")}
            </p>
          </div>
          <span class="pill accent">Number {entry.position} in line</span>
          <Button busy={leave.busy} onPress={() => leave.run(entry.screeningId)}>
            Leave
          </Button>
        </article>
      ))}
    </section>
  );
}
