import type { ComponentChildren } from "preact";
import type { Output } from "../api.ts";
import { count, list, moment, money, sortLabels } from "../format.ts";

export type Booking = Output<"cinema.book">;

/** A booking as a ticket; the reference is what one reads out at the door. */
export function Ticket({
  booking,
  children,
}: {
  readonly booking: Booking;
  readonly children?: ComponentChildren;
}) {
  const cancelled = booking.status === "cancelled";
  return (
    <article class={cancelled ? "ticket cancelled" : "ticket"}>
      <div class="ticket-body">
        <div class="spread">
          <h3>{booking.title}</h3>
          {cancelled && <span class="pill bad">Cancelled</span>}
        </div>
        <p class="soft">
          {booking.cinemaName}, {booking.hallName}
        </p>
        <dl class="facts">
          <div>
            <dt>When</dt>
            <dd>{moment(booking.startsAtMs)}</dd>
          </div>
          <div>
            <dt>{booking.seatIds.length === 1 ? "Seat" : "Seats"}</dt>
            <dd>{list(sortLabels(booking.seatIds))}</dd>
          </div>
          <div>
            <dt>Price of {count(booking.seatIds.length, "seat")}</dt>
            <dd>{money(booking.amountMinor, booking.currency)}</dd>
          </div>
        </dl>
        {children}
      </div>
      <div class="ticket-stub">
        <span class="small">Reference</span>
        <strong class="reference">{booking.reference}</strong>
      </div>
    </article>
  );
}
