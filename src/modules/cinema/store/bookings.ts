import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Booking } from "../types.ts";
import type { CinemaTables } from "./tables.ts";

export interface NewBooking {
  readonly id: string;
  /** Unique; the booking is not made when it is in use. */
  readonly reference: string;
  readonly screeningId: string;
  readonly accountId: string;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
  readonly currency: string;
  readonly nowMs: number;
}

/**
 * Books seats whose hold the caller has locked (`lockHold`).
 *
 * @returns false when the reference is in use; nothing was changed then
 */
export async function insertBooking(tx: Tx, booking: NewBooking): Promise<boolean> {
  const { rows } = await sql<{ seats: number }>`
    with booking as (
      insert into cinema_bookings
        (id, reference, screening_id, account_id, seat_ids, amount_minor, currency, booked_at)
      values (
        ${booking.id}, ${booking.reference}, ${booking.screeningId}, ${booking.accountId},
        ${booking.seatIds}::text[], ${booking.amountMinor}, ${booking.currency},
        ${new Date(booking.nowMs)}
      )
      on conflict (reference) do nothing
      returning id
    ), booked as (
      update cinema_taken_seats as seat set
        state = 'booked', booking_id = booking.id,
        until = null, extendable_until = null, offered = false
      from booking
      where seat.screening_id = ${booking.screeningId}
        and seat.seat_id = any (${booking.seatIds}::text[])
        and seat.account_id = ${booking.accountId} and seat.state = 'held'
      returning seat.seat_id
    )
    select (select count(*)::int from booked) as seats from booking
  `.execute(tx.as());
  const row = rows[0];
  if (row === undefined) return false;
  if (row.seats !== booking.seatIds.length) throw new Error("A locked hold was lost.");
  return true;
}

/** The person's booking; null when there is none or it is somebody else's. */
export async function findBooking(
  tx: Tx,
  bookingId: string,
  accountId: string,
  { lock = false } = {},
): Promise<{ readonly booking: Booking; readonly cinemaId: number } | null> {
  const query = selectBookings(tx)
    .where("booking.id", "=", bookingId)
    .where("booking.account_id", "=", accountId);
  const row = await (lock ? query.forUpdate("booking") : query).executeTakeFirst();
  return row === undefined ? null : { booking: toBooking(row), cinemaId: row.cinema_id };
}

export async function markCancelled(tx: Tx, bookingId: string, nowMs: number): Promise<void> {
  await tx
    .as<CinemaTables>()
    .updateTable("cinema_bookings")
    .set({ status: "cancelled", cancelled_at: new Date(nowMs) })
    .where("id", "=", bookingId)
    .execute();
}

/** A person's bookings, the newest first. */
export async function listBookings(
  tx: Tx,
  accountId: string,
  before: string | undefined,
  bookingsMax: number,
): Promise<Booking[]> {
  let query = selectBookings(tx).where("booking.account_id", "=", accountId);
  // Ids grow with time (UUIDv7), so they order bookings as well as they name them.
  if (before !== undefined) query = query.where("booking.id", "<", before);
  const rows = await query.orderBy("booking.id", "desc").limit(bookingsMax).execute();
  return rows.map(toBooking);
}

function selectBookings(tx: Tx) {
  return tx
    .as<CinemaTables>()
    .selectFrom("cinema_bookings as booking")
    .innerJoin("cinema_screenings as screening", "screening.id", "booking.screening_id")
    .innerJoin("cinema_halls as hall", "hall.id", "screening.hall_id")
    .innerJoin("cinema_cinemas as cinema", "cinema.id", "screening.cinema_id")
    .select([
      "booking.id",
      "booking.reference",
      "booking.status",
      "booking.screening_id",
      "screening.cinema_id",
      "screening.title",
      "cinema.name as cinema_name",
      "hall.name as hall_name",
      "screening.starts_at",
      "booking.seat_ids",
      "booking.amount_minor",
      "booking.currency",
      "booking.booked_at",
    ]);
}

type BookingRow = Awaited<ReturnType<ReturnType<typeof selectBookings>["execute"]>>[number];

function toBooking(row: BookingRow): Booking {
  return {
    id: row.id,
    reference: row.reference,
    status: row.status,
    screeningId: row.screening_id,
    title: row.title,
    cinemaName: row.cinema_name,
    hallName: row.hall_name,
    startsAtMs: row.starts_at.getTime(),
    seatIds: row.seat_ids,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    bookedAtMs: row.booked_at.getTime(),
  };
}
